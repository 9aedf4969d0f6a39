// A hub without a network, which the crash test kills. It appends events as fast as they are committed, plans
// a run for every tenth event in one change with the cursor, and prints a line for each answer of the
// journal:
//
//   event N    every event up to N is committed
//   cursor N   a change with this cursor is committed

import { writeSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { callsTo } from '../../src/base/calls.ts'
import { framed } from '../../src/journal/thread/engine-ends.ts'
import { openJournal } from '../../src/journal/thread/client.ts'
import { openEngineReads } from '../../src/journal/queries/reads.ts'
import type { EngineJournal } from '../../src/model/store.ts'
import { newEvent, run, step } from './nouns.ts'

const dataDir = process.argv[2]!
const tell = (line: string): void => void writeSync(1, `${line}\n`)

const hub = await openJournal({
  dataDir,
  durability: 'normal',
  log: { level: 'silent', pretty: false },
})
const { eventLog } = hub
tell(`event ${eventLog.committedId}`)
eventLog.onCommitted((id) => tell(`event ${id}`))
void engine()
for (;;) {
  for (let count = 0; count < 50 && !eventLog.congested; count++) {
    const id = eventLog.append(
      newEvent({ topic: `t/${count}`, retain: count === 0, payload: Buffer.alloc(60, count) }),
    )
    if (id === 0) throw new Error('An event that is owed was skipped.')
  }
  await turn()
}

async function engine(): Promise<void> {
  const journal = callsTo<EngineJournal>(framed(hub.engineEnd())).remote
  await journal.commit({})
  const reads = openEngineReads(dataDir)
  let cursor = reads.cursor()
  let lastRun = reads.lastRunId()
  for (;;) {
    const events = reads.eventsAfter(cursor, 500)
    if (events.length > 0) {
      cursor = events.at(-1)!.id
      const planned = events
        .filter(({ id }) => id % 10 === 0)
        .map(({ id }) => ({ run: run(++lastRun, { event: id }), steps: [step(lastRun, '0')] }))
      await journal.commit({ cursor, newRuns: planned })
      tell(`cursor ${cursor}`)
    } else await turn()
  }
}
