// One measurement: one load on one broker, with the CPU and memory that both took meanwhile.
import type { AlertResult, RunningBroker } from './brokers/broker.ts'
import type { ConnectResult, Faults, LoadOptions, Phase, Program, Programs, StreamResult } from './load.ts'
import { sample } from './machine.ts'
import type { Sample } from './machine.ts'

/** Above this share of its core, the load program may be the bottleneck. */
export const LOAD_CPU_LIMIT = 0.85

export type Measurement = {
  readonly stream?: StreamResult
  readonly connect?: ConnectResult
  readonly alerts?: AlertResult
  /** Shares of one core. */
  readonly loadCpu: number
  readonly brokerCpu: number
  /** CPU use of all other processes of the machine: above a few percent, the figures are disturbed. */
  readonly othersCpu: number
  /** Growth of the broker's memory after the clients had connected. */
  readonly grownBytes: number
  readonly residentBytes: number
}

/** What is measured: a load as the load program is told it. `alerts` is measured by this process itself. */
export type MeasuredLoad = {
  readonly program: Program | 'alerts'
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
  const { program } = load
  const results =
    program === 'alerts'
      ? { alerts: await broker.measureAlerts!(Number(load.options['tries'])) }
      : program === 'stream'
        ? { stream: await programs.run(program, options, takeSample) }
        : { connect: await programs.run(program, options, takeSample) }
  const { measuring: from = before, measured: to = sample(broker.pid), connected = before } = samples
  const elapsedMs = to.atMs - from.atMs
  const loadCpu = (results.stream ?? results.connect ?? results.alerts).cpu
  const brokerCpu = (to.brokerCpuMs - from.brokerCpuMs) / elapsedMs
  return {
    ...results,
    loadCpu,
    brokerCpu,
    othersCpu: Math.max(0, (to.machineCpuMs - from.machineCpuMs) / elapsedMs - brokerCpu - loadCpu),
    grownBytes: connected.residentBytes - before.residentBytes,
    residentBytes: to.residentBytes,
  }
}

/** The faults that count. MQTT allows a second copy at QoS 1. */
export function faultsOf(load: MeasuredLoad, measurement: Measurement): [keyof Faults | 'refused', number][] {
  const faults = { ...measurement.stream?.faults, refused: measurement.connect?.refused ?? 0 }
  if (load.options.qos === 1) delete faults.duplicated
  return (Object.entries(faults) as [keyof Faults | 'refused', number][]).filter(([, count]) => count > 0)
}
