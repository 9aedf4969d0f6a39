import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Broker } from '../../bench/brokers/broker.ts'
import { aedes } from '../../bench/brokers/aedes.ts'
import { mosquitto } from '../../bench/brokers/mosquitto.ts'
import { relay } from '../../bench/brokers/relay.ts'
import { compilePrograms } from '../../bench/load.ts'
import type { Programs } from '../../bench/load.ts'
import { LOADS } from '../../bench/loads.ts'
import { faultsOf, measure } from '../../bench/measure.ts'
import { describeWith, itWith } from '../support/tools.ts'

const PACE = { seconds: 1, warmup: 0.1 }

describeWith('cc', 'taskset')('the measurement', () => {
  let programs: Programs
  beforeAll(async () => {
    programs = await compilePrograms()
  })
  afterAll(() => programs.remove())

  async function expectNoFault(broker: Broker): Promise<void> {
    const load = LOADS.find((candidate) => candidate.name === 'pairs-qos1-64')!
    const running = await broker.start()
    try {
      const measurement = await measure(programs, load, running, PACE)
      expect(faultsOf(load, measurement)).toEqual([])
      expect(load.figures[0]!.of(measurement)).toBeGreaterThan(0)
      expect(measurement.brokerCpu).toBeGreaterThan(0)
      expect(measurement.cpuPerUnit).toBeGreaterThan(0)
      expect(measurement.residentBytes).toBeGreaterThan(2 ** 20)
    } finally {
      await running.stop()
    }
  }

  it('sees no fault of aedes under a load, and its use of the machine', async () => {
    await expect(expectNoFault(aedes)).resolves.toBeUndefined()
  })

  it('sees no fault of the relay under a load, and its use of the machine', async () => {
    await expect(expectNoFault(relay)).resolves.toBeUndefined()
  })

  itWith('mosquitto')('sees no fault of mosquitto under a load, and its use of the machine', async () => {
    await expect(expectNoFault(mosquitto)).resolves.toBeUndefined()
  })
})
