// A foreign MQTT broker: it takes a connection and, where that is asked for, something is published on a
// topic soon enough. A retained message does not count, since nobody knows how old it is.

import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { formatDuration } from '../../base/quantities.ts'
import { decodePacket, encodePacket } from '../../mqtt/packet.ts'
import type { Packet } from '../../mqtt/packet.ts'
import { PacketParser } from '../../mqtt/parser.ts'
import { isFailure, reasonName } from '../../mqtt/reason-codes.ts'
import type { MqttTarget, TargetOf } from '../../model/probe.ts'
import { Disclosure, MissingSecret } from '../../secrets/secrets.ts'
import type { Secrets } from '../../secrets/secrets.ts'
import { dial, failed, latencySince } from './dial.ts'
import type { Check } from './check.ts'
import type { ProbeContext } from './probe-context.ts'

/** MQTT 3.1.1, which every broker speaks. */
const VERSION = 4
const PACKET_LIMIT_BYTES = 16 * 2 ** 20

export async function probeMqtt(target: TargetOf<'mqtt'>, context: ProbeContext): Promise<Check> {
  const { fresh, tls } = target
  const { clock, secrets, timeoutMs } = context
  const late = new AbortController()
  const limit = (lengthMs: number, missing: string): (() => void) =>
    clock.after(lengthMs, () => late.abort(new Error(`${missing} within ${formatDuration(lengthMs)}`)))
  let cancel = limit(timeoutMs, 'no answer')
  const begunAt = performance.now()
  let good: Check | undefined
  try {
    const connect = connectPacket(target, secrets)
    return await dial(
      target,
      { signal: AbortSignal.any([context.signal, late.signal]), tls },
      async (socket) => {
        const send = (packet: Packet): unknown => socket.write(encodePacket(packet, VERSION))
        send(connect)
        for await (const packet of packetsFrom(socket)) {
          if (packet.type === 'connack') {
            if (isFailure(packet.reasonCode))
              return failed(`it refuses the connection: ${reasonName(packet.reasonCode)}`)
            good = { kind: 'good', latencyMs: latencySince(begunAt) }
            cancel()
            if (!fresh) break
            cancel = limit(fresh.withinMs, `nothing was published on "${fresh.filter}"`)
            send(subscribePacket(fresh.filter))
          } else if (packet.type === 'suback' && packet.reasonCodes.some(isFailure)) {
            return failed(`it refuses the subscription to "${fresh?.filter}"`)
          } else if (packet.type === 'publish' && !packet.retain) break
        }
        if (!good) return failed('it does not answer the connection')
        socket.end(encodePacket({ type: 'disconnect', reasonCode: 0 }, VERSION))
        return good
      },
    )
  } catch (error) {
    if (error instanceof MissingSecret) return { kind: 'unable', reason: error.message }
    throw error
  } finally {
    cancel()
  }
}

async function* packetsFrom(socket: Socket): AsyncGenerator<Packet> {
  const whole: Packet[] = []
  const take = (firstByte: number, buffer: Buffer, start: number, end: number): boolean =>
    whole.push(decodePacket(VERSION, firstByte, buffer, start, end)) > 0
  const parser = new PacketParser({ take }, { maximumPacketSize: PACKET_LIMIT_BYTES, version: VERSION })
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    parser.push(chunk)
    yield* whole.splice(0)
  }
  throw new Error('it closed the connection')
}

function connectPacket({ user, password }: MqttTarget, secrets: Secrets): Packet {
  const disclosure = new Disclosure(secrets)
  return {
    type: 'connect',
    version: VERSION,
    bridge: false,
    clean: true,
    keepAlive: 0,
    clientId: `vigie-ping-${randomUUID().slice(0, 8)}`,
    ...(user !== undefined && { username: disclosure.resolve(user) }),
    ...(password !== undefined && { password: Buffer.from(disclosure.resolve(password)) }),
  }
}

const subscribePacket = (filter: string): Packet => ({
  type: 'subscribe',
  packetId: 1,
  subscriptions: [{ filter, qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 }],
})
