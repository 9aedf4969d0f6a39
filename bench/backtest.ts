// Measures how long `vigie backtest` takes over a million recorded events, by how many of them the rules
// read and fire for.
//
//   node bench/backtest.ts [events]

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/base/clock.ts'
import { inspectRules } from '../src/engine/inspect/inspect.ts'
import { KEEP_ALL } from '../src/journal/forget/history-limits.ts'
import { openWriter } from '../src/journal/thread/writer.ts'
import type { Event } from '../src/model/event.ts'

const EVENTS = Number(process.argv[2] ?? 1_000_000)
const TOPICS = 2_000
const BATCH = 10_000
const SPAN_MS = 7 * 86_400_000

/** The rules by name; the name says what a rule is for. */
const RULES = {
  'no event is read': `{ on: 'elsewhere/#', do: () => [] }`,
  'one in 100 is read, half of these fire': `{
    on: 'site/+room/sensor-0/state', payload: z.object({ value: z.number() }),
    when: ({ payload }) => payload.value > 50, do: ({ params }) => [shell\`echo \${params.room}\`],
  }`,
  'each is read and parsed, none fires': `{
    on: 'site/+room/+sensor/state', payload: z.object({ value: z.number() }),
    when: ({ payload }) => payload.value > 1_000, do: () => [],
  }`,
  'each is read, one in 100 fires': `{
    on: 'site/+room/+sensor/state', when: ({ payload }) => (payload as { value: number }).value === 7,
    do: ({ params }) => [shell\`echo \${params.room}\`],
  }`,
  'each is held for a minute': `{
    on: 'site/+room/+sensor/state', when: ({ payload }) => (payload as { value: number }).value > 90,
    for: '1m', do: () => [shell\`echo\`],
  }`,
} as const

const folder = mkdtempSync(join(tmpdir(), 'vigie-bench-'))
try {
  const since = Date.now() - SPAN_MS
  record(since)
  for (const [what, rule] of Object.entries(RULES)) await measure(what, rule, since)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function record(since: number): void {
  const writer = openWriter({ dataDir: folder, durability: 'normal', history: KEEP_ALL, clock: systemClock })
  for (let first = 1; first <= EVENTS; first += BATCH) {
    writer.commit({
      events: Array.from({ length: Math.min(BATCH, EVENTS - first + 1) }, (_, index) =>
        eventOf(first + index, since),
      ),
    })
    writer.tidy(true)
  }
  writer.close()
}

function eventOf(id: number, since: number): Event {
  const sensor = id % TOPICS
  return {
    id,
    at: since + Math.floor((id / EVENTS) * SPAN_MS),
    topic: `site/room-${sensor % 20}/sensor-${Math.floor(sensor / 20)}/state`,
    payload: Buffer.from(`{"value":${(id * 7_919) % 100},"unit":"percent","from":"bench"}`),
    qos: 1,
    retain: false,
    origin: 'live',
    client: 'bench',
    properties: null,
    cause: null,
    recorded: true,
  }
}

async function measure(what: string, rule: string, since: number): Promise<void> {
  const rulesDir = join(folder, 'rules')
  mkdirSync(rulesDir, { recursive: true })
  writeFileSync(
    join(rulesDir, 'bench.ts'),
    `import { rule, shell } from 'vigie'\nimport { z } from 'zod'\nexport const used = [z, shell]\nexport default rule('bench', ${rule})`,
  )
  const begun = performance.now()
  const cpu = process.cpuUsage()
  const report = await inspectRules({ rulesDir, root: 'vigie' }, (loaded, inspector) => {
    if (loaded.failures.length > 0) throw new Error(loaded.failures.join('\n'))
    return inspector.backtest({ since, until: Date.now() }, folder)
  })
  const seconds = (performance.now() - begun) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  console.log(
    `${what.padEnd(42)} ${report.events} events, ${String(report.runs.event.length).padStart(6)} runs: ${seconds.toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} s of processor time), ${Math.round(report.events / seconds / 1_000)} k events/s`,
  )
}
