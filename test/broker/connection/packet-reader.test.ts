import { PassThrough } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { assemble } from '../../../src/broker/assemble.ts'
import { KeepAlive } from '../../../src/broker/connection/keep-alive.ts'
import { PacketReader, type PacketSource } from '../../../src/broker/connection/packet-reader.ts'
import { encodePacket } from '../../../src/mqtt/packet.ts'
import { MemoryEventLog } from '../memory-event-log.ts'

const PING = Buffer.from('c000', 'hex')

const publish = (topic: string): Buffer =>
  encodePacket({ type: 'publish', topic, payload: Buffer.of(), qos: 0, retain: false, dup: false }, 4)

function open() {
  const eventLog = new MemoryEventLog('by hand')
  const hub = assemble({
    eventLog,
    sessionLog: eventLog.sessionLog,
    clock: new ManualClock(),
    log: silentLog,
    root: 'vigie',
    hiddenRoot: null,
    isRecorded: () => true,
    version: 'test',
  })
  const socket = new PassThrough()
  const taken: string[] = []
  const faults: unknown[] = []
  let onPacket = (_packet: string): void => {}
  const source: PacketSource = {
    socket,
    outlet: hub.output.outlet(new PassThrough(), { onDrained() {} }),
    keepAlive: new KeepAlive(hub, { isRead: true, onSilence() {} }),
    session: null,
    releaseAcks() {},
    giveUp(error) {
      faults.push(error)
      reader.stop()
    },
  }
  const reader = new PacketReader({
    hub,
    source,
    handle(_source, firstByte, buffer, start, end) {
      const packet = firstByte === 0xc0 ? 'ping' : buffer.toString('utf8', start + 2, end)
      taken.push(packet)
      onPacket(packet)
    },
  })
  reader.start()
  return {
    eventLog,
    hub,
    reader,
    taken,
    faults,
    onPacket: (act: (packet: string) => void) => (onPacket = act),
    send: async (...packets: readonly Buffer[]) => {
      socket.write(Buffer.concat(packets))
      await nextTurn()
    },
  }
}

it('takes whole packets, whatever the pieces that they come in', async () => {
  const { send, taken } = open()
  const bytes = Buffer.concat([publish('a'), publish('b')])
  await send(bytes.subarray(0, 4))
  expect(taken).toEqual([])
  await send(bytes.subarray(4))
  expect(taken).toEqual(['a', 'b'])
})

it('takes no packet while it is held, and afterwards all that came meanwhile, in order', async () => {
  const { send, taken, reader, onPacket } = open()
  const answer = Promise.withResolvers<string>()
  onPacket((packet) => {
    if (packet === 'a') reader.hold(answer.promise, (word) => taken.push(word))
  })
  await send(publish('a'), publish('b'), publish('c').subarray(0, 3))
  await send(publish('c').subarray(3), PING)
  expect([taken, reader.isHeld]).toEqual([['a'], true])
  answer.resolve('answered')
  await nextTurn()
  await nextTurn()
  expect(taken).toEqual(['a', 'answered', 'b', 'c', 'ping'])
})

it('is held until a change is committed, and not at all by one that is', async () => {
  const { send, taken, reader, onPacket, hub, eventLog } = open()
  const mark = eventLog.sessionLog.append({ kind: 'dissolved', share: '$share/g/t' })
  onPacket((packet) => {
    if (packet === 'a') reader.holdUntilCommitted(mark, () => taken.push('committed'))
  })
  await send(publish('a'), publish('b'))
  expect(taken).toEqual(['a'])
  hub.journal.committed(mark)
  await nextTurn()
  expect(taken).toEqual(['a', 'committed', 'b'])
  await send(publish('a'))
  expect(taken).toEqual(['a', 'committed', 'b', 'a', 'committed'])
})

it('gives up on what an answer fails with, and on bytes that are no packet', async () => {
  const failing = open()
  failing.onPacket(() => failing.reader.hold(Promise.reject(new Error('no answer')), () => {}))
  await failing.send(PING, PING)
  expect([failing.taken, failing.faults]).toEqual([['ping'], [new Error('no answer')]])
  const broken = open()
  await broken.send(Buffer.from('0000', 'hex'), PING)
  expect([broken.taken, broken.faults]).toEqual([[], [expect.objectContaining({ reason: 0x81 })]])
})

it('reads nothing while it is paused, and is named among those that are', async () => {
  const { send, taken, reader, hub } = open()
  reader.pause()
  await send(PING)
  expect([taken, [...hub.paused]]).toEqual([[], [reader]])
  reader.resume()
  await nextTurn()
  expect([taken, [...hub.paused]]).toEqual([['ping'], []])
})

it('takes nothing once it has stopped', async () => {
  const { send, taken, reader, hub } = open()
  reader.pause()
  reader.stop()
  await send(PING)
  expect([taken, [...hub.paused]]).toEqual([[], []])
})
