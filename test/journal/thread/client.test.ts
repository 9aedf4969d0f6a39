// Covers `src/journal/thread/worker.ts`, `src/journal/thread/reader.ts`,
// `src/journal/thread/reader-client.ts`.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { callsTo } from '../../../src/base/calls.ts'
import { openJournal } from '../../../src/journal/thread/client.ts'
import type { Journal } from '../../../src/journal/thread/client.ts'
import { framed } from '../../../src/journal/thread/engine-ends.ts'
import { openQueries } from '../../../src/journal/queries/queries.ts'
import { openReader } from '../../../src/journal/thread/reader-client.ts'
import { openEngineReads } from '../../../src/journal/queries/reads.ts'
import type { CommitNotice, EngineJournal, EventLog } from '../../../src/model/store.ts'
import { anyNewEvent } from '../arbitrary.ts'
import { temporaryFolder } from '../fixtures.ts'
import { events, newEvent, plain } from '../nouns.ts'

async function open(dataDir: string): Promise<Journal> {
  const journal = await openJournal({ dataDir, durability: 'full', log: { level: 'warn', pretty: false } })
  onTestFinished(() => journal.stop())
  return journal
}

const chunksOf = <T>(values: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  )

/** Resolves when the event is committed. */
const committed = (eventLog: EventLog, id: number): Promise<void> =>
  new Promise((resolve) => {
    eventLog.onCommitted((committedId) => {
      if (committedId >= id) resolve()
    })
  })

describe('the journal', () => {
  it('keeps events through its thread, and has all of them when it opens again', async () => {
    const dataDir = temporaryFolder()
    const first = await open(dataDir)
    expect([first.eventLog.committedId, first.retained, first.downtime]).toEqual([0, [], null])
    for (let count = 0; count < 99; count++) first.eventLog.append(newEvent())
    const last = first.eventLog.append(newEvent({ topic: 'state', retain: true, payload: Buffer.from('on') }))
    await committed(first.eventLog, last)
    await first.stop()
    await first.stop()
    expect(await first.ended).toBeNull()

    const second = await open(dataDir)
    expect(second.eventLog.committedId).toBe(100)
    expect(
      second.retained.map(({ topic, event, payload }) => [topic, event, Buffer.from(payload).toString()]),
    ).toEqual([['state', 100, 'on']])
    second.dropRetained()
    expect(second.retained).toEqual([])
    expect(second.downtime?.clean).toBe(true)
    expect(second.eventLog.append(newEvent())).toBe(101)
  })

  it('commits on stopping what had been appended', async () => {
    const dataDir = temporaryFolder()
    const journal = await open(dataDir)
    for (let count = 0; count < 10; count++) journal.eventLog.append(newEvent())
    await journal.stop()
    const queries = openQueries(dataDir)
    expect(queries.history({ limit: 99 }).map(plain)).toEqual(events(1, 10).toReversed().map(plain))
    queries.close()
  })

  it('serves an engine, tells it what is committed, and lets it read that by itself', async () => {
    const dataDir = temporaryFolder()
    const journal = await open(dataDir)
    const port = journal.engineEnd()
    const end = framed(port)
    const engine = callsTo<EngineJournal>(end).remote
    await engine.commit({})
    const told = new Promise<unknown>((resolve) => {
      end.on('message', (message) => 'committed' in (message as object) && resolve(message))
    })
    journal.eventLog.append(newEvent())
    expect(await told).toMatchObject({ committed: 1, events: { after: 0 } })
    const reads = openEngineReads(dataDir)
    expect(reads.eventsAfter(0, 9).map(plain)).toEqual(events(1, 1).map(plain))
    await engine.commit({ cursor: 1 })
    expect(reads.cursor()).toBe(1)
    await expect(engine.commit({ cursor: 0 })).rejects.toThrow('The cursor cannot go back to event 0.')
    reads.close()
    port.close()
  })

  it('hands an engine the events of a small commit as the store has them', async () => {
    const dataDir = temporaryFolder()
    const journal = await open(dataDir)
    const end = framed(journal.engineEnd())
    const notices: CommitNotice[] = []
    const told = new Promise<void>((resolve) => {
      end.on('message', (message) => {
        notices.push(message as CommitNotice)
        if (notices.at(-1)!.committed === 100) resolve()
      })
    })
    for (const some of chunksOf(fc.sample(anyNewEvent, 100), 10)) {
      const ids = some.map((event) => journal.eventLog.append(event))
      await committed(journal.eventLog, ids.at(-1)!)
    }
    await told
    const reads = openEngineReads(dataDir)
    for (const { events: handedOver } of notices) {
      const { after, events: found } = handedOver!
      expect(found.map(plain)).toEqual(reads.eventsAfter(after, found.length).map(plain))
    }
    expect(notices.flatMap(({ events: handedOver }) => handedOver!.events)).toHaveLength(100)
    reads.close()
  })

  it('refuses a folder that another hub holds, and leaves that one alone', async () => {
    const dataDir = temporaryFolder()
    const journal = await open(dataDir)
    await expect(open(dataDir)).rejects.toThrow(`in use by another hub (pid ${process.pid})`)
    journal.eventLog.append(newEvent())
    await committed(journal.eventLog, 1)
    await journal.stop()
    expect(existsSync(join(dataDir, 'hub.pid'))).toBe(false)
    await open(dataDir)
  })
})

describe('the reader', () => {
  it('answers queries from a thread of its own, and rejects what cannot be answered', async () => {
    const dataDir = temporaryFolder()
    const journal = await open(dataDir)
    const reader = openReader(dataDir)
    onTestFinished(() => reader.stop())
    journal.eventLog.append(newEvent())
    await committed(journal.eventLog, 1)
    expect((await reader.queries.history({ filter: 'a/+', limit: 9 })).map(plain)).toEqual(
      events(1, 1).map(plain),
    )
    expect((await reader.queries.totals()).events).toBe(1)
    await expect(reader.queries.event({} as number)).rejects.toThrow('Too few parameter values')
    expect((await reader.queries.runs({ limit: 1 })).length).toBe(0)
    await reader.stop()
    await expect(reader.queries.totals()).rejects.toThrow('The history cannot be read: the hub is stopping.')
  })

  it('says why when there is nothing to read, and tries again with the next question', async () => {
    const dataDir = temporaryFolder()
    const reader = openReader(dataDir)
    onTestFinished(() => reader.stop())
    await expect(reader.queries.totals()).rejects.toThrow(`There is no journal in ${dataDir} yet`)
    await open(dataDir)
    expect((await reader.queries.totals()).events).toBe(0)
  })
})
