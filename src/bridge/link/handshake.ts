// From an address to a session: dials, makes the offers one after the other, and reads CONNACK.

import type { Clock } from '../../base/clock.ts'
import type { ConnackPacket } from '../../mqtt/connack.ts'
import type { ConnectPacket } from '../../mqtt/connect.ts'
import { isFailure, ReasonCode, reasonName } from '../../mqtt/reason-codes.ts'
import type { LinkTls } from '../settings.ts'
import { dial, DialError } from './dial.ts'
import { Link, type LinkHandlers } from './link.ts'
import type { Offer } from './offers.ts'

const CONNECT_MS = 10_000

/** The far side does not take this offer, but perhaps the next one. */
class OfferRefused extends DialError {}

export interface HandshakeOptions {
  readonly address: string
  readonly tls: LinkTls | undefined
  readonly offers: readonly Offer[]
  readonly connect: (offer: Offer) => ConnectPacket
  readonly clock: Clock
  readonly signal: AbortSignal
  /**
   * Called with CONNACK, before anything that comes after it is read; returns who takes what comes next.
   */
  readonly welcome: (link: Link, connack: ConnackPacket) => LinkHandlers
}

/**
 * Resolves when the far side has accepted the connection.
 * @throws DialError with the rest of a sentence that begins with the address
 */
export async function shakeHands({ offers, ...options }: HandshakeOptions): Promise<void> {
  let first: OfferRefused | undefined
  for (const offer of offers) {
    try {
      return await tryOffer(offer, options)
    } catch (error) {
      if (!(error instanceof OfferRefused)) throw error
      first ??= error
    }
  }
  throw first ?? new DialError('there is nothing to offer it')
}

async function tryOffer(
  offer: Offer,
  { address, tls, connect, clock, signal, welcome }: Omit<HandshakeOptions, 'offers'>,
): Promise<void> {
  const packet = connect(offer)
  const late = new AbortController()
  const both = AbortSignal.any([signal, late.signal])
  const cancel = clock.after(CONNECT_MS, () => late.abort(new Error('it does not answer')))
  try {
    const stream = await dial(address, tls, both)
    await new Promise<void>((resolve, reject: (error: Error) => void) => {
      let handlers: LinkHandlers | undefined
      const link: Link = new Link({
        stream,
        version: offer.version,
        clock,
        handlers: {
          packet(answer) {
            if (handlers) return handlers.packet(answer)
            if (answer.type !== 'connack') return link.cut('it did not answer CONNECT with CONNACK')
            const { reasonCode } = answer
            if (reasonCode === ReasonCode.UnsupportedProtocolVersion)
              return refuse(new OfferRefused('it does not speak this version of MQTT'))
            if (isFailure(reasonCode))
              return refuse(new DialError(`it refuses the connection: ${reasonName(reasonCode)}`))
            handlers = welcome(link, answer)
            return resolve()
          },
          room: () => handlers?.room(),
          ended(why) {
            if (handlers) handlers.ended(why)
            // Brokers of before 5.0 close the connection, or answer with what 5.0 does not know.
            else reject(new OfferRefused(both.aborted ? 'it does not answer' : why))
          },
        },
      })
      const refuse = (error: DialError): void => {
        reject(error)
        link.cut(error.message)
      }
      both.addEventListener('abort', () => handlers ?? link.cut('it does not answer'), { once: true })
      link.start()
      link.send(packet)
    })
  } finally {
    cancel()
  }
}
