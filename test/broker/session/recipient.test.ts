// A recipient without a socket: a subscriber inside this process, attached to a session like any client's connection.

import { LARGEST_PACKET } from '../../../src/mqtt/fixed-header.ts'
import { Duplex } from 'node:stream'
import { expect, it } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { assemble, type Parts } from '../../../src/broker/assemble.ts'
import { messageFrom } from '../../../src/broker/message/message.ts'
import type { Recipient, Resend } from '../../../src/broker/session/recipient.ts'
import type { Session } from '../../../src/broker/session/session.ts'
import type { Outlet } from '../../../src/broker/socket/output.ts'
import type { QoS } from '../../../src/model/event.ts'
import { PacketParser } from '../../../src/mqtt/parser.ts'
import { decodePublish, type PublishPacket } from '../../../src/mqtt/publish.ts'
import { MemoryEventLog } from '../memory-event-log.ts'

class Subscriber implements Recipient {
  readonly address = 'inside'
  readonly version = 5
  readonly maximumPacketSize = LARGEST_PACKET
  readonly sentAliases = null
  readonly signedBy = null
  readonly window = 2
  readonly resends: Resend[] = []
  readonly outlet: Outlet
  readonly session: Session
  readonly received: PublishPacket[] = []
  left = false
  readonly #parts: Parts

  constructor(parts: Parts, filter: string) {
    this.#parts = parts
    const parser = new PacketParser(
      {
        take: (firstByte, buffer, from, to) =>
          this.received.push(decodePublish(this.version, firstByte, Buffer.from(buffer), from, to)) > 0,
      },
      { maximumPacketSize: 1_024, version: this.version },
    )
    const stream = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        parser.push(chunk, 0, chunk.length)
        done()
      },
    })
    this.outlet = parts.output.outlet(stream, { onDrained: () => this.onRoom() })
    this.session = parts.sessions.open(this, 'inside', true).session
    this.session.attach(this)
    parts.sessions.subscribe({
      session: this.session,
      filter,
      qos: 1,
      noLocal: false,
      retainAsPublished: false,
      identifier: 0,
      since: parts.journal.lastEvent,
      retainedUpTo: 0,
    })
  }

  acknowledge({ packetId }: PublishPacket): void {
    this.session.acknowledged(packetId!)
    this.onRoom()
  }

  onRoom(): void {
    this.#parts.backlog.resume(this, this.session)
  }

  answer(): void {
    throw new Error('Only QoS 2 is answered.')
  }

  giveUp(error: unknown): void {
    throw error
  }

  takeOver(): void {
    this.close()
  }

  close(): void {
    if (this.left) return
    this.left = true
    this.#parts.sessions.leave(this, this.session, 'clean')
  }
}

function start() {
  const eventLog = new MemoryEventLog()
  const parts = assemble({
    eventLog,
    sessionLog: eventLog.sessionLog,
    clock: systemClock,
    log: silentLog,
    root: 'vigie',
    hiddenRoot: null,
    isRecorded: () => true,
    version: '0.0.0',
  })
  const subscriber = new Subscriber(parts, 't/#')
  const publish = (payload: string, qos: QoS, topic = 't/u'): void => {
    const fields = { topic, payload: Buffer.from(payload), properties: null, qos, retain: false, at: 0 }
    parts.publisher.publishMessage(messageFrom(fields), { origin: 'hub', client: null, cause: null })
    parts.output.flush()
  }
  return { parts, subscriber, publish }
}

const payloads = ({ received }: Subscriber): string[] =>
  received.map(({ payload }) => Buffer.from(payload).toString())

it('gets at QoS 0 and 1 what its session has subscribed to', () => {
  const { subscriber, publish } = start()
  publish('a', 0)
  publish('elsewhere', 1, 'u')
  publish('b', 1)
  expect(subscriber.received).toMatchObject([
    { topic: 't/u', qos: 0 },
    { topic: 't/u', qos: 1, packetId: 1 },
  ])
  expect(payloads(subscriber)).toEqual(['a', 'b'])
})

it('gets no more at QoS 1 than its window, and the rest as it acknowledges', () => {
  const { parts, subscriber, publish } = start()
  for (const payload of ['1', '2', '3', '4']) publish(payload, 1)
  publish('0', 0)
  expect(payloads(subscriber)).toEqual(['1', '2', '0'])
  const [first, second] = subscriber.received
  subscriber.acknowledge(first!)
  subscriber.acknowledge(second!)
  parts.output.flush()
  expect(payloads(subscriber)).toEqual(['1', '2', '0', '3', '4'])
})

it('has left its session when another comes for the same client id', () => {
  const { parts, subscriber, publish } = start()
  const successor = new Subscriber(parts, 't/#')
  expect(subscriber.left).toBe(true)
  publish('a', 1)
  expect(payloads(subscriber)).toEqual([])
  expect(payloads(successor)).toEqual(['a'])
})
