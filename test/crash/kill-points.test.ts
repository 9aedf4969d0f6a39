// A hub that is killed at every named point between receiving an event and telling how its run ended, and then begun again. What
// must have happened is told by a model: from the acknowledged events, and from the downtime that the hub itself recorded.

import { connectAsync, type MqttClient } from 'mqtt'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { KILL_POINTS, type KillPoint } from '../../src/base/kill-points.ts'
import { openQueries } from '../../src/journal/queries/queries.ts'
import type { Event } from '../../src/model/event.ts'
import type { Queries } from '../../src/model/queries.ts'
import type { Downtime } from '../../src/model/store.ts'
import { spawnHub, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { reach } from '../support/reach.ts'

/** Messages of each kind; more than pass any point before the kill. */
const MESSAGES = 60
const HOLD_MS = 700

/** On the way into the journal, in the rules, and in the runs. */
const SHORT: readonly KillPoint[] = ['step-end']

/** The n-th time that the point is passed: what the start itself writes passes the first ones. */
const PASSES: Readonly<Partial<Record<KillPoint, number>>> = { receive: 12, write: 12, written: 12 }
const PASSES_OF_ENGINE = 5

const RULES = ['plain', 'hold', 'later', 'again'] as const

const ruleFile = (file: string) => `
import { appendFileSync, readFileSync } from 'node:fs'
import { call, publish, rule, wait } from 'vigie'
const note = (what) => call(() => appendFileSync(${JSON.stringify(file)}, what + '\\n'))
export default [
  rule('plain', { on: 'plain/+n', do: ({ params: { n } }) => [note('plain ' + n), publish('out/' + n, n), note('plain end ' + n)] }),
  rule('hold', { on: 'hold/+n', for: '${HOLD_MS}ms', do: ({ params: { n } }) => note('hold ' + n) }),
  rule('later', { on: 'later/+n', do: ({ params: { n } }) => [wait('${HOLD_MS}ms'), note('later ' + n)] }),
  rule('again', { on: 'again/+n', do: ({ params: { n } }) => call(() => {
    const first = !readFileSync(${JSON.stringify(file)}, 'utf8').includes('tried ' + n + '\\n')
    appendFileSync(${JSON.stringify(file)}, (first ? 'tried ' : 'again ') + n + '\\n')
    if (first) throw new Error('not yet')
  }, { retry: { attempts: 2, min: '200ms', max: '200ms' } }) }),
]
`

/** What must stand in the file when all runs of a number are done. */
const notesOf = (rule: string, n: string): readonly string[] =>
  rule === 'plain' ? [`plain ${n}`, `plain end ${n}`] : [`${rule} ${n}`]

/** No alert is raised here: see alerts.test.ts. */
const PASSED = KILL_POINTS.filter((point) => point !== 'alert')

describe.each(reach<readonly KillPoint[]>(SHORT, PASSED))(
  'a hub that is killed at the point "%s"',
  (point) => {
    test(
      'loses nothing that it acknowledged, ends every run, and keeps the time',
      { timeout: 120_000 },
      async () => {
        const folder = temporaryFolder()
        const rules = temporaryFolder()
        const file = join(folder, 'notes')
        const data = join(folder, 'data')
        writeFileSync(file, '')
        writeFileSync(join(rules, 'rules.ts'), ruleFile(file))
        const acknowledged = await publishUntilKilled(['--data', data, '--rules', rules], point)

        const hub = await startHubProcess(['--data', data, '--rules', rules])
        const queries = openQueries(data)
        const events = eventsOf(queries)
        while (!isAllDone(queries, events)) await pause(25)
        await hub.end('SIGTERM')

        expect(acknowledged.filter((topic) => !events.has(topic))).toEqual([])
        const notes = new Set(readFileSync(file, 'utf8').split('\n'))
        const told = endsTold(queries)
        const downtimes = downtimesOf(queries)
        const wrong: string[] = []
        for (const event of events.values()) {
          const [rule = '', n = ''] = event.topic.split('/')
          const runs = queries.runsOf(event.id)
          const [run] = runs
          if (run === undefined || runs.length !== 1) {
            wrong.push(`${event.topic} has ${runs.length} runs`)
            continue
          }
          const { steps } = queries.run(run.id)!
          if (run.state !== 'done') wrong.push(`${event.topic}: its run is ${run.state}`)
          if (steps.some(({ state }) => state !== 'done')) wrong.push(`${event.topic}: a step has no end`)
          const ends = queries.attemptsOf(run.id).filter(({ outcome }) => outcome !== null)
          for (const { path, attempt, cutOffs } of steps)
            if (attempt - cutOffs !== ends.filter((end) => end.path === path).length)
              wrong.push(`${event.topic}: of ${attempt} attempts at step ${path}, ${cutOffs} were cut off`)
          for (const note of notesOf(rule, n))
            if (!notes.has(note)) wrong.push(`${event.topic}: "${note}" was not done`)
          if (!told.has(run.id)) wrong.push(`${event.topic}: the end of its run was not told`)
          const due = rule === 'hold' ? heldUntil(event.at, downtimes) : event.at
          if (run.plannedAt !== due)
            wrong.push(`${event.topic}: planned ${run.plannedAt - due} ms from its moment`)
          const [first] = steps
          if (rule === 'later' && first!.endedAt! - first!.startedAt! < HOLD_MS)
            wrong.push(`${event.topic}: waited too short`)
        }
        expect(wrong).toEqual([])
        queries.close()
      },
    )
  },
)

/** Returns the topics of the messages that were acknowledged. */
async function publishUntilKilled(args: readonly string[], point: KillPoint): Promise<readonly string[]> {
  const hub = spawnHub([...args], { VIGIE_KILL_AT: `${point}:${PASSES[point] ?? PASSES_OF_ENGINE}` })
  await Promise.race([hub.line(({ msg }) => msg.startsWith('Ready')), hub.ended])
  const port = hub.lines.find((line) => line['listener'] === 'mqtt')?.['port']
  const acknowledged: string[] = []
  if (typeof port === 'number') {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 }).catch(
      () => undefined,
    )
    if (client) await publishAll(client, acknowledged)
  }
  expect(await hub.ended).toMatchObject({ signal: 'SIGKILL' })
  return acknowledged
}

/** One after the other, so that each takes a turn of its own through the hub. */
async function publishAll(client: MqttClient, acknowledged: string[]): Promise<void> {
  client.on('error', () => {})
  const gone = new Promise<'gone'>((resolve) => client.once('close', () => resolve('gone')))
  for (let n = 0; n < MESSAGES; n++)
    for (const rule of RULES) {
      const topic = `${rule}/${n}`
      const end = await Promise.race([client.publishAsync(topic, 'x', { qos: 1 }).catch(() => 'gone'), gone])
      if (end === 'gone') return client.end(true) && undefined
      acknowledged.push(topic)
    }
  await gone
}

const eventsOf = (queries: Queries): ReadonlyMap<string, Event> =>
  new Map(
    RULES.flatMap((rule) => queries.history({ filter: `${rule}/+`, limit: 10_000 })).map((event) => [
      event.topic,
      event,
    ]),
  )

const isAllDone = (queries: Queries, events: ReadonlyMap<string, Event>): boolean =>
  [...events.values()].every(({ id }) =>
    queries.runsOf(id).some(({ state }) => state === 'done' || state === 'dead'),
  ) && endsTold(queries).size >= events.size

const endsTold = (queries: Queries): ReadonlySet<number> =>
  new Set(
    queries
      .history({ filter: 'vigie/runs/+', limit: 10_000 })
      .map(({ payload }) => (JSON.parse(Buffer.from(payload).toString()) as { readonly run: number }).run),
  )

/** One that a hub published, and did not live to tell its rules, is published again by the next. */
function downtimesOf(queries: Queries): readonly Downtime[] {
  const published = queries
    .history({ filter: 'vigie/hub/downtime', limit: 100 })
    .map(({ payload }) => JSON.parse(Buffer.from(payload).toString()) as Downtime)
    .toReversed()
  return [...new Map(published.map((downtime) => [downtime.toAt, downtime])).values()]
}

/** Nobody watched while the hub was down: a hold that spans it needs the rest of its time. */
function heldUntil(at: number, downtimes: readonly Downtime[]): number {
  let due = at + HOLD_MS
  for (const { fromAt, toAt } of downtimes) if (at <= fromAt && due > fromAt) due += toAt - fromAt
  return due
}
