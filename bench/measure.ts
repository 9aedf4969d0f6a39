// One measurement: one load on one broker, with what both took of the machine meanwhile.
import type { RunningBroker } from './brokers/broker.ts'
import type { ConnectResult, Faults, Phase, Programs, StreamResult } from './load.ts'
import type { Load } from './loads.ts'
import { sample } from './machine.ts'
import type { Sample } from './machine.ts'

/** Above this share of its core, the load program may be what is measured. */
export const LOAD_CPU_LIMIT = 0.85

export type Measurement = {
  readonly stream?: StreamResult
  readonly connect?: ConnectResult
  /** Shares of one core. */
  readonly loadCpu: number
  readonly brokerCpu: number
  /** What all other processes of the machine took: above a few percent, the figures are disturbed. */
  readonly othersCpu: number
  /** How much the broker grew when the clients had connected. */
  readonly grownBytes: number
  readonly residentBytes: number
}

export type Pace = {
  readonly seconds: number
  readonly warmup: number
}

export async function measure(
  programs: Programs,
  load: Load,
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
    program === 'stream'
      ? { stream: await programs.run(program, options, takeSample) }
      : { connect: await programs.run(program, options, takeSample) }
  const { measuring: from = before, measured: to = sample(broker.pid), connected = before } = samples
  const elapsedMs = to.atMs - from.atMs
  const loadCpu = (results.stream ?? results.connect).cpu
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

/** The faults that count: a second copy at QoS 1 is within what MQTT allows. */
export function faultsOf(load: Load, measurement: Measurement): [keyof Faults | 'refused', number][] {
  const faults = { ...measurement.stream?.faults, refused: measurement.connect?.refused ?? 0 }
  if (load.options.qos === 1) delete faults.duplicated
  return (Object.entries(faults) as [keyof Faults | 'refused', number][]).filter(([, count]) => count > 0)
}
