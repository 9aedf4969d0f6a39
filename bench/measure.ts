// One measurement: one load on one broker, with the CPU and memory that both took meanwhile.
import type { AlertResult, RunningBroker, RunsResult } from './brokers/broker.ts'
import type { ConnectResult, Faults, LoadOptions, Phase, Program, Programs, StreamResult } from './load.ts'
import { sample } from './machine.ts'
import type { Sample } from './machine.ts'

/** Above this share of its core, the load program may be the bottleneck. */
export const LOAD_CPU_LIMIT = 0.85

export type Measurement = {
  readonly stream?: StreamResult
  readonly connect?: ConnectResult
  readonly alerts?: AlertResult
  readonly runs?: RunsResult
  /** Shares of one core. */
  readonly loadCpu: number
  readonly brokerCpu: number
  /**
   * CPU time of the broker for each message, connect or action, in µs. Other processes of the machine change
   * it little; rates and latencies they change a lot.
   */
  readonly cpuPerUnit: number
  /** CPU use of all other processes of the machine: above a few percent, the figures are disturbed. */
  readonly othersCpu: number
  /** Growth of the broker's memory after the clients had connected. */
  readonly grownBytes: number
  readonly residentBytes: number
}

/**
 * What is measured: a load as the load program is told it. `alerts` and `runs` are measured by this process
 * itself.
 */
export type MeasuredLoad = {
  readonly program: Program | 'alerts' | 'runs'
  readonly options: LoadOptions
  /** Multiplies the usual length, for loads with few messages. The option `seconds` overrides it. */
  readonly times?: number
}

export type Pace = {
  readonly seconds: number
  readonly warmup: number
}

export async function measure(
  programs: Programs,
  load: MeasuredLoad,
  broker: RunningBroker,
  pace: Pace,
): Promise<Measurement> {
  const before = sample(broker.pid)
  const samples: Partial<Record<Phase, Sample>> = {}
  const takeSample = (phase: Phase) => {
    samples[phase] = sample(broker.pid)
  }
  const seconds = pace.seconds * (load.times ?? 1)
  const options = { port: broker.port, warmup: pace.warmup, seconds, ...load.options }
  const results = await resultsOf(load, broker, programs, options, takeSample)
  const { measuring: from = before, measured: to = sample(broker.pid), connected = before } = samples
  const elapsedMs = to.atMs - from.atMs
  const loadCpu = (results.stream ?? results.connect ?? results.alerts ?? results.runs)!.cpu
  const brokerCpuMs = to.brokerCpuMs - from.brokerCpuMs
  const brokerCpu = brokerCpuMs / elapsedMs
  return {
    ...results,
    loadCpu,
    brokerCpu,
    cpuPerUnit: (brokerCpuMs * 1_000) / unitsOf(results, load),
    othersCpu: Math.max(0, (to.machineCpuMs - from.machineCpuMs) / elapsedMs - brokerCpu - loadCpu),
    grownBytes: connected.residentBytes - before.residentBytes,
    residentBytes: to.residentBytes,
  }
}

type Results = Pick<Measurement, 'stream' | 'connect' | 'alerts' | 'runs'>

async function resultsOf(
  { program, options: given }: MeasuredLoad,
  broker: RunningBroker,
  programs: Programs,
  options: LoadOptions,
  takeSample: (phase: Phase) => void,
): Promise<Results> {
  switch (program) {
    case 'alerts':
      return { alerts: await broker.measureAlerts!(Number(given['tries'])) }
    case 'runs':
      return { runs: await broker.measureRuns!(Number(given['messages'])) }
    case 'stream':
      return { stream: await programs.run(program, options, takeSample) }
    case 'connect':
      return { connect: await programs.run(program, options, takeSample) }
  }
  return program satisfies never
}

const unitsOf = ({ stream, connect, runs }: Results, { options }: MeasuredLoad): number =>
  stream !== undefined
    ? stream.delivered || stream.acknowledged
    : (connect?.connects ?? runs?.actions ?? Number(options['tries']))

/** The faults that count. MQTT allows a second copy at QoS 1. */
export function faultsOf(load: MeasuredLoad, measurement: Measurement): [keyof Faults | 'refused', number][] {
  const faults = { ...measurement.stream?.faults, refused: measurement.connect?.refused ?? 0 }
  if (load.options.qos === 1) delete faults.duplicated
  return (Object.entries(faults) as [keyof Faults | 'refused', number][]).filter(([, count]) => count > 0)
}
