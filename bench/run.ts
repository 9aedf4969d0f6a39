// `npm run bench` runs all loads on vigie, Mosquitto and aedes, in turn within one run, so that ratios hold
// on a noisy machine. Prints the table to standard output, and progress to standard error.
import { globSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { aedes } from './brokers/aedes.ts'
import type { Broker, RunningBroker } from './brokers/broker.ts'
import { mosquitto } from './brokers/mosquitto.ts'
import { relay } from './brokers/relay.ts'
import { vigie } from './brokers/vigie.ts'
import { vigieWithPage } from './brokers/vigie-page.ts'
import { compilePrograms } from './load.ts'
import type { Programs } from './load.ts'
import { LOADS } from './loads.ts'
import type { Figure, Limit, Load } from './loads.ts'
import { allowSockets, syncTimes, takePriority } from './machine.ts'
import { faultsOf, LOAD_CPU_LIMIT, measure } from './measure.ts'
import type { Measurement, Pace } from './measure.ts'
import { formatFigure, formatTable, median, SUBJECT } from './report.ts'
import type { Entry } from './report.ts'

const USAGE = `npm run bench -- [options]
  --only NAME…       loads whose name contains one of these; --list shows the names,
                     and the programs that measure something else
  --brokers A,B      which to measure: vigie,mosquitto,aedes,relay; vigie+page has a page open, and relay is
                     a bare program in C, the limit
  --repeat N         measurements of each load and broker, of which the median counts (3)
  --seconds N        length of a measurement (0.8)
  --priority         go before all other processes of the machine, where they would disturb (needs root)
  --quick            one short measurement of each: for a first impression
  --json FILE        write everything measured there`

const BROKERS: readonly Broker[] = [vigie, vigieWithPage, mosquitto, aedes, relay]
const SOCKETS = 32_768

type Run = { readonly broker: string; readonly load: string; readonly measurement: Measurement }

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', multiple: true },
    brokers: { type: 'string', default: 'vigie,mosquitto,aedes,relay' },
    repeat: { type: 'string' },
    seconds: { type: 'string' },
    priority: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (flags.help) console.log(USAGE)
else if (flags.list) console.log([...LOADS.map((load) => load.name), ...ownPrograms()].join('\n'))
else await bench()

/** What is measured by a program of its own: the files beside this one that say how to run them. */
function ownPrograms(): readonly string[] {
  const files = globSync('*.ts', { cwd: import.meta.dirname }).toSorted()
  return files
    .filter((file) =>
      readFileSync(join(import.meta.dirname, file), 'utf8').includes(`//   node bench/${file}`),
    )
    .map((file) => `node bench/${file}`)
}

async function bench(): Promise<void> {
  const loads = selectLoads([...(flags.only ?? []), ...positionals])
  const brokers = selectBrokers(flags.brokers.split(','))
  const repeat = readNumber('repeat', flags.repeat ?? (flags.quick ? '1' : '3'))
  const seconds = readNumber('seconds', flags.seconds ?? (flags.quick ? '0.3' : '0.8'))
  if (flags.priority) takePriority()
  allowSockets(SOCKETS)
  const programs = await compilePrograms()
  const runs: Run[] = []
  const limits = new Map<Figure, number>()
  try {
    for (const load of loads) {
      const able = brokers.filter((broker) =>
        broker === relay ? load.relayToo : broker === vigie || !load.vigieOnly,
      )
      const pace = { seconds, warmup: seconds / 2 }
      try {
        runs.push(...(await runLoad(programs, load, able, pace, repeat)))
        for (const figure of load.figures)
          if (figure.limit !== undefined) limits.set(figure, await limitOf(figure.limit, repeat))
      } catch (error) {
        console.error(`${load.name} could not be measured: ${(error as Error).message}`)
        process.exitCode = 1
      }
    }
  } finally {
    await programs.remove()
  }
  if (runs.length === 0) return
  const names = brokers.map((broker) => broker.name)
  console.log(
    formatTable(
      loads.flatMap((load) => summarise(load, runs, limits)),
      names,
    ),
  )
  console.log(`\n${describeRun(runs, repeat, seconds)}`)
  if (flags.json) await writeFile(flags.json, JSON.stringify(runs, null, 1))
}

// All brokers stay up for a load's repetitions, idle but for the one that is measured.
async function runLoad(
  programs: Programs,
  load: Load,
  brokers: readonly Broker[],
  pace: Pace,
  repeat: number,
): Promise<Run[]> {
  const runs: Run[] = []
  const running = new Map<Broker, RunningBroker>()
  const start = async (broker: Broker) =>
    running.set(broker, load.start ? await load.start() : await broker.start())
  try {
    // Waits for all of them, so that a broker which starts after another has failed is stopped, too.
    const started = await Promise.allSettled(brokers.map(start))
    for (const result of started) if (result.status === 'rejected') throw result.reason
    for (let round = 0; round < repeat; round++) {
      for (const broker of brokers) {
        if (load.freshBroker && round > 0) {
          await running.get(broker)?.stop()
          await start(broker)
        }
        const measurement = await measure(programs, load, running.get(broker)!, pace)
        runs.push({ broker: broker.name, load: load.name, measurement })
        report(load, broker.name, measurement)
      }
    }
  } finally {
    await Promise.all([...running.values()].map((broker) => broker.stop()))
  }
  return runs
}

function report(load: Load, broker: string, measurement: Measurement): void {
  const { brokerCpu, loadCpu, othersCpu, residentBytes } = measurement
  const figures = load.figures.map((figure) => formatFigure(figure.of(measurement), figure.unit)).join(', ')
  const share = (part: number) => `${Math.round(part * 100)} %`
  const use = `CPU: broker ${share(brokerCpu)}, load ${share(loadCpu)}, others ${share(othersCpu)}; ${Math.round(residentBytes / 2 ** 20)} MiB`
  console.error(`${load.name.padEnd(22)} ${broker.padEnd(10)} ${figures.padEnd(18)} ${use}`)
  if (loadCpu > LOAD_CPU_LIMIT)
    console.error(`  The load generator was at ${share(loadCpu)} of its core: ${broker} may be faster.`)
  const faults = faultsOf(load, measurement)
  if (faults.length === 0) return
  console.error(`  FAULTS of ${broker}: ${faults.map(([what, count]) => `${count} ${what}`).join(', ')}.`)
  if (broker === SUBJECT) process.exitCode = 1
}

/** The median, as of what is held against it. */
async function limitOf({ measure: once }: Limit, repeat: number): Promise<number> {
  const values: number[] = []
  for (let round = 0; round < repeat; round++) values.push(await once())
  return median(values)
}

function summarise(load: Load, runs: readonly Run[], limits: ReadonlyMap<Figure, number>): Entry[] {
  const byBroker = [
    ...Map.groupBy(
      runs.filter((run) => run.load === load.name),
      (run) => run.broker,
    ),
  ]
  const namesWhere = (test: (measurement: Measurement) => boolean) =>
    new Set(byBroker.filter(([, own]) => own.some((run) => test(run.measurement))).map(([broker]) => broker))
  if (byBroker.length === 0) return []
  const failed = namesWhere((measurement) => faultsOf(load, measurement).length > 0)
  const bounded = namesWhere((measurement) => measurement.loadCpu > LOAD_CPU_LIMIT)
  const sound = byBroker.filter(([broker]) => !failed.has(broker))
  const medians = (of: Figure['of']): ReadonlyMap<string, number> =>
    new Map(sound.map(([broker, own]) => [broker, median(own.map((run) => of(run.measurement)))]))
  return load.figures.map((figure) => {
    const limit = limits.get(figure)
    return {
      figure,
      values: medians(figure.of),
      cpu: medians(({ cpuPerUnit }) => cpuPerUnit),
      ...(limit !== undefined && { limit }),
      failed,
      bounded,
    }
  })
}

function describeRun(runs: readonly Run[], repeat: number, seconds: number): string {
  const others = Math.round(median(runs.map((run) => run.measurement.othersCpu)) * 100)
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}`
  const basis = repeat > 1 ? `Medians of ${repeat} measurements` : 'One measurement each'
  const disk = syncTimes().toSorted((a, b) => a - b)
  const diskAt = (share: number) => formatFigure(disk[Math.floor(disk.length * share)]!, 'ms')
  return `${basis} of ${seconds} s; ratios are to mosquitto in the same run, those of CPU to the C relay; µs are CPU of the broker for one message. Broker and load on one core each of ${machine}; other processes took ${others} % of a core meanwhile. The disk alone keeps 16 KiB in ${diskAt(0.5)} at the median and ${diskAt(0.99)} at p99.`
}

function selectLoads(parts: readonly string[]): readonly Load[] {
  if (parts.length === 0) return LOADS.filter((load) => !load.onRequest)
  const loads = LOADS.filter((load) =>
    parts.some((part) => (load.onRequest ? part === load.name : load.name.includes(part))),
  )
  if (loads.length > 0) return loads
  throw new Error(`No load is called ${parts.join(' or ')}; --list shows their names.`)
}

function selectBrokers(names: readonly string[]): readonly Broker[] {
  return names.map((name) => {
    const broker = BROKERS.find((candidate) => candidate.name === name)
    if (broker) return broker
    throw new Error(
      `There is no broker "${name}" to measure; there are ${BROKERS.map((b) => b.name).join(', ')}.`,
    )
  })
}

function readNumber(name: string, text: string): number {
  const value = Number(text)
  if (value > 0) return value
  throw new Error(`--${name} needs a number above 0, not "${text}".`)
}
