import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { compilePrograms } from '../../bench/load.ts'
import type { Faults, LoadOptions, Programs, StreamResult } from '../../bench/load.ts'
import { describeWith } from '../support/tools.ts'
import { startFaultyBroker } from './faulty-broker.ts'
import type { Wrong } from './faulty-broker.ts'

const NO_FAULTS: Faults = {
  lost: 0,
  duplicated: 0,
  reordered: 0,
  wrong: 0,
  unacknowledged: 0,
  acknowledgedOutOfOrder: 0,
  closed: 0,
}

let programs: Programs
// The first window alone holds the message that goes wrong, so the length of the run does not matter.
async function runOn(wrong: Wrong, options: LoadOptions): Promise<StreamResult> {
  const broker = await startFaultyBroker(wrong)
  try {
    const pace = { seconds: 0.05, warmup: 0, patience: 0.5, window: 40 }
    return await programs.run('stream', { port: broker.port, ...pace, ...options })
  } finally {
    await broker.stop()
  }
}

describeWith('cc', 'taskset')('the load program', () => {
  beforeAll(async () => {
    programs = await compilePrograms()
  })
  afterAll(() => programs.remove())

  it.for<[string, LoadOptions]>([
    ['one publisher at QoS 0', { qos: 0 }],
    ['one publisher at QoS 1', { qos: 1 }],
    ['one publisher at QoS 2', { qos: 2 }],
    ['fan-in', { pubs: 5, subs: 1, qos: 0 }],
    ['fan-out', { pubs: 1, subs: 5, qos: 1 }],
    ['pairs', { pubs: 5, subs: 5, pairs: 1, qos: 0 }],
    ['many topics', { pubs: 2, topics: 7, qos: 1 }],
    ['one message at a time', { window: 1, qos: 1 }],
    ['publishers alone', { pubs: 3, subs: 0, qos: 1 }],
    ['large payloads', { size: 1024, qos: 2 }],
    ['a fixed rate', { rate: 1000, qos: 1 }],
  ])('finds no fault where there is none: %s', async ([, options]) => {
    const result = await runOn('nothing', options)
    expect(result.faults).toEqual(NO_FAULTS)
  })

  it.for<[Wrong, LoadOptions, Partial<Faults>]>([
    ['lose', { qos: 0 }, { lost: 1 }],
    ['lose', { qos: 1 }, { lost: 1 }],
    ['lose', { pubs: 3, topics: 4, qos: 0 }, { lost: 1 }],
    ['duplicate', { qos: 0 }, { duplicated: 1 }],
    ['duplicate', { qos: 2 }, { duplicated: 1 }],
    ['duplicate', { subs: 3, qos: 1 }, { duplicated: 3 }],
    ['reorder', { qos: 0 }, { reordered: 1 }],
    ['reorder', { qos: 1 }, { reordered: 1 }],
    ['tear', { qos: 0 }, { wrong: 1, lost: 1 }],
    ['downgrade', { qos: 1 }, { wrong: 1, lost: 1 }],
    ['misroute', { pubs: 2, subs: 2, pairs: 1, qos: 0 }, { wrong: 1, lost: 1 }],
    ['lose the acknowledgement', { subs: 0, qos: 1 }, { unacknowledged: 1 }],
    ['reorder acknowledgements', { subs: 0, qos: 1 }, { acknowledgedOutOfOrder: 2 }],
  ])('reports a broker that does this: %s %o', async ([wrong, options, faults]) => {
    const result = await runOn(wrong, options)
    expect({ ...result.faults, acknowledgedOutOfOrder: 0 }).toEqual({
      ...NO_FAULTS,
      ...faults,
      acknowledgedOutOfOrder: 0,
    })
    expect(result.faults.acknowledgedOutOfOrder).toBeGreaterThanOrEqual(faults.acknowledgedOutOfOrder ?? 0)
  })

  it('reports a broker that closes a connection', async () => {
    const { faults } = await runOn('close a subscriber', { subs: 2, qos: 1 })
    expect(faults.closed).toBe(1)
    expect(faults.lost).toBeGreaterThan(0)
  })

  it('measures latency and counts what arrived', async () => {
    const result = await runOn('nothing', { qos: 1, seconds: 0.2 })
    expect(result.delivered).toBeGreaterThan(0)
    expect(result.delivery.count).toBe(result.delivered)
    expect(result.delivery.p50).toBeGreaterThan(0)
    expect(result.delivery.p50).toBeLessThanOrEqual(result.delivery.p99)
    expect(result.acknowledgement.count).toBe(result.acknowledged)
  })

  it('counts connections that were accepted', async () => {
    const broker = await startFaultyBroker('nothing')
    const result = await programs.run('connect', { port: broker.port, seconds: 0.1, warmup: 0, clients: 5 })
    await broker.stop()
    expect(result.connects).toBeGreaterThan(0)
    expect(result.refused).toBe(0)
  })

  it('says what is wrong with its options', async () => {
    await expect(runOn('nothing', { qos: 3 })).rejects.toThrow('--qos is 0, 1 or 2.')
    await expect(runOn('nothing', { seconds: 'soon' })).rejects.toThrow(
      '--seconds needs a number of at least 0, not "soon".',
    )
  })
})

it('says that a C compiler is needed where there is none', async () => {
  vi.stubEnv('PATH', '/nowhere')
  try {
    await expect(compilePrograms()).rejects.toThrow('"cc", which is not installed. Install a C compiler')
  } finally {
    vi.unstubAllEnvs()
  }
})
