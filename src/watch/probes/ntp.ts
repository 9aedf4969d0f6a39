// One SNTP exchange: the server is synchronised, near enough to the source of its time, and its clock and the
// hub's agree. [RFC 5905, 7.3 and 14]

import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import { formatDuration } from '../../base/quantities.ts'
import { lookup } from '../../http-client/lookup.ts'
import type { TargetOf } from '../../model/probe.ts'
import { failed, failedOf, latencySince } from './dial.ts'
import type { Check } from './check.ts'
import type { ProbeContext } from './probe-context.ts'

const PACKET_BYTES = 48
/** No warning of a leap second, version 4, mode 3 (client). */
const CLIENT = 0x23
/** Between 1900, from which NTP counts, and 1970. */
const EPOCH_MS = 2_208_988_800_000
const HIGHEST_STRATUM = 15

export async function probeNtp(
  target: TargetOf<'ntp'>,
  { signal, clock }: Pick<ProbeContext, 'signal' | 'clock'>,
): Promise<Check> {
  const { host, port } = target
  let socket: Socket | undefined
  try {
    const address = await untilAborted(addressOf(host), signal)
    socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4')
    socket.connect(port, address)
    await once(socket, 'connect', { signal })
    // The server sends this back; it need not be told what time it is here.
    const cookie = randomBytes(8)
    const [sentAt, begunAt] = [clock.now(), performance.now()]
    socket.send(Buffer.concat([Buffer.of(CLIENT), Buffer.alloc(PACKET_BYTES - 9), cookie]))
    const [answer] = (await once(socket, 'message', { signal })) as [Buffer]
    return judge(answer, cookie, { sentAt, tookMs: latencySince(begunAt) }, target)
  } catch (error) {
    signal.throwIfAborted()
    return failedOf(error, target, undefined)
  } finally {
    socket?.close()
  }
}

const addressOf = async (host: string): Promise<string> => {
  const address = await promisify(lookup)(host, {})
  return typeof address === 'string' ? address : address[0]!.address
}

/** Nobody can end a lookup: it is left alone when the time is up. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  signal.throwIfAborted()
  return Promise.race([work, promise])
}

function judge(
  answer: Buffer,
  cookie: Buffer,
  { sentAt, tookMs }: { readonly sentAt: number; readonly tookMs: number },
  { offsetMs: mostMs = Infinity, stratum: highest = HIGHEST_STRATUM }: TargetOf<'ntp'>,
): Check {
  const isAnswer =
    answer.length >= PACKET_BYTES && (answer[0]! & 7) === 4 && answer.subarray(24, 32).equals(cookie)
  if (!isAnswer) return failed('what answers there is no NTP server')
  const stratum = answer[1]!
  if (stratum === 0) return failed(`it refuses to answer (${answer.toString('latin1', 12, 16)})`)
  if (answer[0]! >> 6 === 3 || stratum > HIGHEST_STRATUM) return failed('its clock is not synchronised')
  if (stratum > highest) return failed(`its stratum is ${stratum}, above ${highest}`)
  const offsetMs = (momentAt(answer, 32) - sentAt + (momentAt(answer, 40) - sentAt - tookMs)) / 2
  if (Math.abs(offsetMs) > mostMs)
    return failed(`its clock and the hub's differ by ${formatDuration(Math.abs(offsetMs))}`)
  return { kind: 'good', latencyMs: tookMs }
}

/** A timestamp as Unix ms. */
const momentAt = (packet: Buffer, at: number): number =>
  packet.readUInt32BE(at) * 1_000 + (packet.readUInt32BE(at + 4) / 2 ** 32) * 1_000 - EPOCH_MS
