import { expect, test } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { DiskAlert } from '../../../src/engine/supervise/disk-alert.ts'
import { temporaryFolder } from '../../support/hub.ts'

const MIB = 2 ** 20
const GIB = 2 ** 30

/** A hub on a disk of which this much is free when it looks. */
async function begin(whole = 64 * GIB, open: readonly string[] = []) {
  const clock = new ManualClock(0)
  const said: string[] = []
  let free: number | null = whole
  const alert = new DiskAlert({
    clock,
    log: silentLog,
    dataDir: '/data',
    limits: { warning: 512 * MIB, critical: 128 * MIB },
    alerts: {
      open: (prefix) => open.filter((key) => key.startsWith(prefix)),
      raise: (key, { severity }) => void said.push(`${key} ${severity}`),
      resolve: (key, words) => void said.push(`${key} resolved: ${words?.body}`),
    },
    roomOf: async () => {
      if (free === null) throw new Error('ENOENT')
      return { free, whole }
    },
  })
  const look = async (left: number | null): Promise<readonly string[]> => {
    free = left
    clock.advance(30_000)
    await new Promise((resolve) => setImmediate(resolve))
    return said.splice(0)
  }
  alert.start()
  await new Promise((resolve) => setImmediate(resolve))
  return { look, alert }
}

test('people are told before the disk is full, once for each level, and when there is clearly room again', async () => {
  const { look } = await begin()
  expect(await look(512 * MIB)).toEqual([])
  expect(await look(511 * MIB)).toEqual(['disk warning'])
  expect(await look(300 * MIB)).toEqual([])
  expect(await look(127 * MIB)).toEqual(['disk critical'])
  expect(await look(200 * MIB)).toEqual([])
  expect(await look(120 * MIB)).toEqual([])
  expect(await look(639 * MIB)).toEqual([])
  expect(await look(null)).toEqual([])
  expect(await look(640 * MIB)).toEqual([
    'disk resolved: 640 MiB of 64 GiB are free on the file system of /data.',
  ])
  expect(await look(511 * MIB)).toEqual(['disk warning'])
})

test('a small file system is getting full with a tenth of it', async () => {
  const { look } = await begin(64 * MIB)
  expect(await look(6.5 * MIB)).toEqual([])
  expect(await look(6 * MIB)).toEqual(['disk critical'])
})

test('the next hub resolves what a hub before has left open, or says how it is by now', async () => {
  const full = await begin(64 * GIB, ['disk'])
  expect(await full.look(64 * GIB)).toEqual([
    'disk resolved: 64 GiB of 64 GiB are free on the file system of /data.',
  ])
  const { look } = await begin(GIB, ['disk', 'disk/of-a-rule'])
  await look(GIB)
  expect(await look(100 * MIB)).toEqual(['disk critical'])
})

test('a real disk tells how full it is, and nothing is looked at any more after the end', async () => {
  const said: string[] = []
  const clock = new ManualClock(0)
  const alert = new DiskAlert({
    clock,
    log: silentLog,
    dataDir: temporaryFolder(),
    limits: { warning: Infinity, critical: 0 },
    alerts: { open: () => ['disk'], raise: () => said.push('raised'), resolve: () => said.push('resolved') },
  })
  alert.start()
  await alert.stop()
  expect(said).toHaveLength(1)
  expect(clock.nextAt).toBeNull()
})
