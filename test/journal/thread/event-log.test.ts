import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Unpacker } from '../../../src/journal/thread/batch.ts'
import type { Batch } from '../../../src/journal/thread/batch.ts'
import { PackedEventLog } from '../../../src/journal/thread/event-log.ts'
import { newEvent } from '../nouns.ts'

function open(lastId = 0, highWater = { events: 10, bytes: 1_000_000 }) {
  const unpacker = new Unpacker()
  const sent: Batch[] = []
  const log = new PackedEventLog(lastId, (batch) => sent.push(unpacker.unpack(batch)), highWater)
  return { log, sent }
}

describe('the event log', () => {
  it('gives ids from the last one on, and sends what one turn of the loop gathers as one batch', async () => {
    const { log, sent } = open(41)
    expect([log.append(newEvent()), log.append(newEvent())]).toEqual([42, 43])
    expect(sent).toEqual([])
    await turn()
    expect(sent.map(({ events }) => events.map(({ id }) => id))).toEqual([[42, 43]])
  })

  it('tells once per turn how far has been committed', async () => {
    const { log } = open()
    const told: number[] = []
    log.onCommitted((id) => told.push(id))
    for (let count = 0; count < 3; count++) log.append(newEvent())
    log.setCommitted(1)
    log.setCommitted(3)
    expect(log.committedId).toBe(3)
    await turn()
    expect(told).toEqual([3])
  })

  it('tells once more when trouble is over, though nothing has been committed since', async () => {
    const { log } = open()
    const told: [number, string | null][] = []
    log.onCommitted((id) => told.push([id, log.trouble]))
    log.append(newEvent())
    log.setCommitted(1)
    log.setTrouble('The disk is full.')
    await turn()
    log.setTrouble(null)
    await turn()
    expect(told).toEqual([
      [1, 'The disk is full.'],
      [1, null],
    ])
  })

  it('is congested above the high-water mark, and drained below half of it', async () => {
    const { log } = open()
    let drained = 0
    log.onDrain(() => drained++)
    for (let count = 0; count < 9; count++) log.append(newEvent())
    expect(log.congested).toBe(false)
    log.append(newEvent())
    expect(log.congested).toBe(true)
    log.setCommitted(5)
    await turn()
    expect([log.congested, drained]).toEqual([true, 0])
    log.setCommitted(6)
    await turn()
    expect([log.congested, drained]).toEqual([false, 1])
  })

  it('is congested by bytes as well as by events', async () => {
    const { log } = open(0, { events: 1_000, bytes: 10_000 })
    log.append(newEvent({ payload: Buffer.alloc(20_000) }))
    expect(log.congested).toBe(true)
    await turn()
    log.setCommitted(1)
    await turn()
    expect(log.congested).toBe(false)
  })

  it('skips QoS 0 events of clients while far behind, counts them, and reports the gap', async () => {
    const { log, sent } = open()
    for (let count = 0; count < 20; count++) log.append(newEvent())
    const skipped = [log.append(newEvent({ qos: 0, at: 5_000 })), log.append(newEvent({ qos: 0, at: 6_000 }))]
    const kept = [
      log.append(newEvent({ qos: 0, retain: true })),
      log.append(newEvent({ qos: 0, origin: 'will' })),
      log.append(newEvent({ qos: 0, origin: 'hub', client: null })),
      log.append(newEvent({ qos: 1 })),
    ]
    expect(skipped).toEqual([0, 0])
    expect(kept).toEqual([21, 22, 23, 24])
    expect(log.skipped).toBe(2)
    await turn()
    expect(sent.flatMap(({ gaps }) => gaps)).toEqual([
      { afterEvent: 20, fromAt: 5_000, toAt: 6_000, events: 2 },
    ])
  })

  it('tells of a gap at the latest when it has drained', async () => {
    const { log, sent } = open()
    for (let count = 0; count < 20; count++) log.append(newEvent())
    log.append(newEvent({ qos: 0 }))
    log.setCommitted(20)
    await turn()
    expect(sent.flatMap(({ gaps }) => gaps).map(({ events }) => events)).toEqual([1])
  })

  it('sends a large turn in pieces, so that the journal can begin', () => {
    const { log, sent } = open(0, { events: 1_000, bytes: 100_000_000 })
    for (let count = 0; count < 3; count++) log.append(newEvent({ payload: Buffer.alloc(600_000) }))
    expect(sent.map(({ events }) => events.length)).toEqual([2])
  })

  it('sends changes of sessions with the events before them, under marks that no event has', async () => {
    const { log, sent } = open(7)
    const took = { kind: 'took', session: 3, packetId: 9, event: 8, filter: null } as const
    const ended = { kind: 'ended', session: 4 } as const
    const ids = [
      log.append(newEvent()),
      log.appendChange(took),
      log.appendChange(ended),
      log.append(newEvent()),
      log.lastId,
    ]
    expect(ids).toEqual([8, 9, 9, 10, 10])
    expect(log.appendChange(ended)).toBe(11)
    expect(log.lastId).toBe(10)
    await turn()
    expect(sent).toMatchObject([{ sessions: [took, ended, ended], upTo: 11 }])
    log.setCommitted(11)
    expect([log.append(newEvent()), log.committedId]).toEqual([12, 11])
  })

  it('never parts an event from what is said after it', () => {
    const { log, sent } = open()
    log.append(newEvent({ payload: Buffer.alloc(2 ** 21) }))
    log.appendChange({ kind: 'took', session: 1, packetId: 1, event: 1, filter: null })
    expect(sent).toEqual([])
    log.append(newEvent())
    expect(sent).toMatchObject([{ sessions: [{ kind: 'took' }], upTo: 2 }])
    expect(sent[0]!.events.map(({ id }) => id)).toEqual([1])
  })
})
