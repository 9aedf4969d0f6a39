// Measures events per second through journal, evaluation and planning, beside the journal alone, and with
// actions to the end of the run. Threads are real and fsync is included; events are appended as fast as the
// journal takes them.
//
//   node bench/engine.ts [NAME…]

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { startEngine } from '../src/engine/supervise/client.ts'
import type { Engine } from '../src/engine/supervise/client.ts'
import { openJournal } from '../src/journal/thread/client.ts'
import type { Journal } from '../src/journal/thread/client.ts'
import type { NewEvent } from '../src/model/event.ts'

const log = { level: 'error', pretty: false } as const
const PAYLOAD = Buffer.from(JSON.stringify({ temperature: 21.5, unit: 'C' }))
const TOPICS = 100
const LOOK_EVERY_MS = 5

interface Case {
  readonly name: string
  /** The rules; `null` for no engine at all. */
  readonly rules: { readonly count: number; readonly body: string } | null
  readonly events: number
  /** Counts runs that have ended instead of events that have been evaluated. */
  readonly isDone?: true
}

const never = `when: ({ payload }) => payload.temperature > 100, do: () => []`
const always = `when: ({ payload }) => payload.temperature > 20, do: () => []`
const CASES: readonly Case[] = [
  { name: 'the journal alone', rules: null, events: 300_000 },
  { name: 'no rule that matches', rules: { count: 0, body: '' }, events: 300_000 },
  { name: '1 rule that matches and says no', rules: { count: 1, body: never }, events: 60_000 },
  { name: '1 rule that plans a run', rules: { count: 1, body: always }, events: 20_000 },
  { name: '100 rules that match and say no', rules: { count: 100, body: never }, events: 2_000 },
  { name: '100 rules that plan a run each', rules: { count: 100, body: always }, events: 300 },
  {
    name: '1 rule that publishes, to the end of the run',
    rules: { count: 1, body: `do: ({ event }) => publish('out', event.payload, { qos: 1 })` },
    events: 5_000,
    isDone: true,
  },
]

const wanted = process.argv.slice(2)
for (const each of CASES)
  if (wanted.length === 0 || wanted.some((name) => each.name.includes(name)))
    process.stdout.write(
      `${each.name}: ${Math.round(await rateOf(each)).toLocaleString('en')} events a second\n`,
    )

async function rateOf({ rules, events, isDone }: Case): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-bench-'))
  const rulesDir = join(folder, 'rules')
  mkdirSync(rulesDir)
  if (rules)
    writeFileSync(
      join(rulesDir, 'rules.ts'),
      `import { publish, rule } from 'vigie'
export default Array.from({ length: ${rules.count} }, (_, n) => rule('r' + n, { on: 'in/+n', ${rules.body} }))
export const other = rule('other', { on: 'elsewhere', do: () => [] })`,
    )
  const journal = await openJournal({ dataDir: join(folder, 'data'), durability: 'full', log })
  const engine = rules && (await openEngine(journal, folder))
  try {
    const start = performance.now()
    const lastId = await appendAll(journal, events)
    while (!(await hasTaken(journal, engine, lastId, isDone))) await pause(LOOK_EVERY_MS)
    return (events * 1_000) / (performance.now() - start)
  } finally {
    await engine?.stop()
    await journal.stop()
    rmSync(folder, { recursive: true })
  }
}

function openEngine(journal: Journal, folder: string): Promise<Engine> {
  const { eventLog } = journal
  const committed = new Map<number, () => void>()
  eventLog.onCommitted((upTo) => {
    for (const [id, tell] of committed) {
      if (id > upTo) break
      committed.delete(id)
      tell()
    }
  })
  return startEngine({
    rulesDir: join(folder, 'rules'),
    dataDir: join(folder, 'data'),
    root: 'vigie',
    log,
    engineEnd: () => journal.engineEnd(),
    recall: async () => {},
    ownAlerts: { open: () => [], raise() {}, resolve() {} },
    lastEventId: () => eventLog.lastId,
    setInterest: () => {},
    publish: ({ topic, payload, qos, retain, origin, cause }) =>
      new Promise((resolve) => {
        const id = eventLog.append({ ...event(topic), payload, qos, retain, origin, cause, client: null })
        committed.set(id, () => resolve(id))
      }),
  })
}

async function appendAll({ eventLog }: Journal, count: number): Promise<number> {
  for (let n = 0; n < count; n++) {
    if (eventLog.congested) await new Promise<void>((resolve) => eventLog.onDrain(resolve))
    eventLog.append(event(`in/${n % TOPICS}`))
    if (n % 1_000 === 999) await new Promise((resolve) => setImmediate(resolve))
  }
  return eventLog.lastId
}

async function hasTaken(
  journal: Journal,
  engine: Engine | null,
  lastId: number,
  isDone = false,
): Promise<boolean> {
  if (engine === null) return journal.eventLog.committedId >= lastId
  const { now } = await engine.status()
  return now !== null && now.cursor >= lastId && (!isDone || now.openRuns === 0)
}

function event(topic: string): NewEvent {
  return {
    at: Date.now(),
    topic,
    payload: PAYLOAD,
    qos: 1,
    retain: false,
    origin: 'live',
    client: 'bench',
    properties: null,
    cause: null,
    recorded: true,
  }
}
