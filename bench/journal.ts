// Measures the journal: events per second by size of commit and durability, what appending one costs the
// network thread, and how long queries take.
//
//   node bench/journal.ts [events]

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/base/clock.ts'
import { Packer } from '../src/journal/thread/batch.ts'
import { openJournal } from '../src/journal/thread/client.ts'
import type { Durability } from '../src/journal/database/wal.ts'
import { KEEP_ALL } from '../src/journal/forget/history-limits.ts'
import { openQueries } from '../src/journal/queries/queries.ts'
import { openWriter } from '../src/journal/thread/writer.ts'
import type { Event, NewEvent } from '../src/model/event.ts'

const EVENTS = Number(process.argv[2] ?? 300_000)
const PAYLOAD = Buffer.alloc(64, 'x')
const DURABILITIES: readonly Durability[] = ['normal', 'full']

const topics = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `site/room-${index % 20}/sensor-${index}/state`)

const eventOn = (topic: string): NewEvent => ({
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
})

async function withFolder<T>(use: (dataDir: string) => T | Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'vigie-bench-'))
  try {
    return await use(dataDir)
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const row = (...cells: (string | number)[]): void =>
  console.log(cells.map((cell, index) => String(cell).padEnd(index === 0 ? 44 : 20)).join(''))
/** CPU time of this thread so far, in µs: on a machine with other work it says more than the clock. */
const cpuMicros = (): number => {
  const { user, system } = process.threadCpuUsage()
  return user + system
}
const perSecond = (count: number, lengthMs: number): string => `${Math.round(count / lengthMs)} k/s`

/** The writer alone, in this thread; the index trails as in the hub. */
function writeInBatches(dataDir: string, durability: Durability, batch: number, names: string[]): string {
  const writer = openWriter({ dataDir, durability, history: KEEP_ALL, clock: systemClock })
  const count = Math.min(EVENTS, batch * 20_000)
  const events: Event[] = Array.from({ length: count }, (_, index) => ({
    ...eventOn(names[index % names.length]!),
    id: index + 1,
  }))
  const begun = performance.now()
  const cpu = cpuMicros()
  for (let from = 0; from < count; from += batch) {
    writer.commit({ events: events.slice(from, from + batch) })
    writer.tidy(true)
  }
  const lengthMs = performance.now() - begun
  const micros = (cpuMicros() - cpu) / count
  writer.close()
  return `${perSecond(count, lengthMs)} (${micros.toFixed(1)} µs)`
}

function packOnly(names: string[]): string {
  const packer = new Packer()
  const events = names.map(eventOn)
  const cpu = cpuMicros()
  for (let id = 1; id <= 2_000_000; id++) {
    packer.event(id, events[id % events.length]!)
    if (id % 500 === 0) packer.take()
  }
  return `${((cpuMicros() - cpu) / 2_000_000).toFixed(3)} µs`
}

/**
 * Through the journal thread: the rate, and the CPU time of this thread per event, for appending and for
 * hearing of commits.
 */
async function throughThread(dataDir: string, durability: Durability, perTurn: number, names: string[]) {
  const journal = await openJournal({
    dataDir,
    durability,
    history: KEEP_ALL,
    log: { level: 'warn', pretty: false },
  })
  const { eventLog } = journal
  const events = names.map(eventOn)
  let appended = 0
  const begun = performance.now()
  const cpu = cpuMicros()
  const allCommitted = new Promise<void>((resolve) => {
    eventLog.onCommitted((id) => {
      if (id >= EVENTS) resolve()
    })
  })
  await new Promise<void>((resolve) => {
    const turn = (): void => {
      for (let index = 0; index < perTurn && appended < EVENTS; index++) {
        eventLog.append(events[appended++ % events.length]!)
      }
      if (appended === EVENTS) resolve()
      else if (!eventLog.congested) setImmediate(turn)
    }
    eventLog.onDrain(turn)
    turn()
  })
  await allCommitted
  const lengthMs = performance.now() - begun
  const micros = (cpuMicros() - cpu) / EVENTS
  await journal.stop()
  return [perSecond(EVENTS, lengthMs), `${micros.toFixed(2)} µs`] as const
}

/** A steady stream: how long until an event is committed. */
async function latency(dataDir: string, durability: Durability, perSecondWanted: number, names: string[]) {
  const journal = await openJournal({
    dataDir,
    durability,
    history: KEEP_ALL,
    log: { level: 'warn', pretty: false },
  })
  const { eventLog } = journal
  const events = names.map(eventOn)
  const waiting: { id: number; at: number }[] = []
  const taken: number[] = []
  eventLog.onCommitted((id) => {
    const now = performance.now()
    while (waiting.length > 0 && waiting[0]!.id <= id) taken.push(now - waiting.shift()!.at)
  })
  const begun = performance.now()
  let appended = 0
  await new Promise<void>((resolve) => {
    const turn = (): void => {
      const now = performance.now()
      const due = Math.floor(((now - begun) * perSecondWanted) / 1_000)
      for (; appended < due; appended++) {
        waiting.push({ id: eventLog.append(events[appended % events.length]!), at: now })
      }
      if (now - begun > 4_000) resolve()
      else if (perSecondWanted > 20_000) setImmediate(turn)
      else setTimeout(turn, 1)
    }
    turn()
  })
  await journal.stop()
  taken.sort((a, b) => a - b)
  const at = (share: number): string =>
    `${(taken[Math.floor(share * (taken.length - 1))] ?? Number.NaN).toFixed(2)} ms`
  return [at(0.5), at(0.99), at(1)] as const
}

async function queries(dataDir: string, names: string[]): Promise<void> {
  const writer = openWriter({ dataDir, durability: 'normal', history: KEEP_ALL, clock: systemClock })
  const count = EVENTS * 10
  const batch = 10_000
  const beganAt = Date.now() - 30 * 86_400_000
  for (let from = 0; from < count; from += batch) {
    const events = Array.from({ length: batch }, (_, index) => ({
      ...eventOn(names[(from + index) % names.length]!),
      at: Math.floor(beganAt + ((from + index) / count) * 30 * 86_400_000),
      id: from + index + 1,
    }))
    writer.commit({ events })
    writer.tidy(true)
  }
  writer.close()
  const asked = openQueries(dataDir)
  const day = { since: beganAt + 10 * 86_400_000, until: beganAt + 11 * 86_400_000 }
  const questions: readonly [string, () => unknown][] = [
    ['last 100 of a topic', () => asked.history({ filter: names[7]!, limit: 100 })],
    ['last 100 under site/room-3/#', () => asked.history({ filter: 'site/room-3/#', limit: 100 })],
    [
      'a day under site/room-3/#, 1,000',
      () => asked.history({ filter: 'site/room-3/#', ...day, limit: 1_000 }),
    ],
    ['newest 200 of everything', () => asked.history({ limit: 200 })],
    ['newest 200 under #', () => asked.history({ filter: '#', limit: 200 })],
    [
      'counts per hour of a topic',
      () => asked.counts({ filter: names[7]!, since: beganAt, until: Date.now() }),
    ],
    ['counts per hour of everything', () => asked.counts({ since: beganAt, until: Date.now() })],
    ['totals', () => asked.totals()],
  ]
  for (const [name, ask] of questions) {
    for (let round = 0; round < 5; round++) ask()
    const begun = performance.now()
    for (let round = 0; round < 20; round++) ask()
    row(name, `${((performance.now() - begun) / 20).toFixed(2)} ms`)
  }
  asked.close()
}

const few = topics(50)
const many = topics(2_000)

row('writer alone, 64-byte payloads', ...DURABILITIES)
for (const [named, names] of [
  ['50 topics', few],
  ['2,000 topics', many],
] as const) {
  for (const batch of [1, 10, 100, 1_000, 10_000]) {
    const rates: string[] = []
    for (const durability of DURABILITIES) {
      rates.push(await withFolder((dataDir) => writeInBatches(dataDir, durability, batch, names)))
    }
    row(`${batch} per commit, ${named}`, ...rates)
  }
}

row('\nthrough the thread', 'events', 'CPU of this thread per event')
for (const [named, names] of [
  ['50 topics', few],
  ['2,000 topics', many],
] as const) {
  for (const perTurn of [1, 10, 100, 1_000]) {
    const cells = await withFolder((dataDir) => throughThread(dataDir, 'full', perTurn, names))
    row(`full, ${perTurn} per turn, ${named}`, ...cells)
  }
}
row('packing alone, per event', packOnly(many))

row('\ncommit latency, full', 'p50', 'p99', 'max')
for (const rate of [1_000, 10_000, 100_000]) {
  row(
    `${rate} events/s, 2,000 topics`,
    ...(await withFolder((dataDir) => latency(dataDir, 'full', rate, many))),
  )
}

row(`\nqueries over ${EVENTS * 10} events, 2,000 topics`, 'each')
await withFolder((dataDir) => queries(dataDir, many))
