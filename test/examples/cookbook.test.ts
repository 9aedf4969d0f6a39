// The recipes of the cookbook in virtual time: one test each. docs/cookbook.md is made of the same files
// (test/docs/cookbook.test.ts).

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { simulate } from '../../src/testing.ts'
import type { SimulateOptions, Simulation } from '../../src/testing.ts'
import { ROOT } from '../support/hub.ts'

const FOLDER = join(ROOT, 'examples', 'cookbook')
/** A hub with the recipe of this number. */
async function recipe(number: string, options: SimulateOptions = {}): Promise<Simulation> {
  const [file = ''] = globSync(`${number}-*.ts`, { cwd: FOLDER })
  const rules = (await import(pathToFileURL(join(FOLDER, file)).href)) as Record<string, unknown>
  return simulate({ ...rules }, options)
}

const alerts = (hub: Simulation): string[] => hub.alerts.map(({ key, state }) => `${key} ${state}`)
/** What rules published, in order. */
const published = (hub: Simulation): unknown[] =>
  hub.messages
    .filter(({ topic, cause }) => cause !== null && !topic.startsWith('vigie/'))
    .map(({ topic, payload }) => [topic, payload])

test('01: a door is told of after ten minutes, and when it is closed', async () => {
  const hub = await recipe('01')
  await hub.publish('doors/front', 'open')
  await hub.advance('10m')
  expect(alerts(hub)).toEqual(['door-front firing'])
  await hub.publish('doors/front', 'closed')
  expect(alerts(hub)).toEqual(['door-front resolved'])
})

test('02: a freezer fires once, until it is cold again', async () => {
  const hub = await recipe('02')
  for (const celsius of [-18, -9, -11, -9]) await hub.publish('freezer/celsius', celsius)
  expect(alerts(hub)).toEqual(['freezer firing'])
  expect(hub.notifications).toHaveLength(1)
  await hub.publish('freezer/celsius', -16)
  expect(alerts(hub)).toEqual(['freezer resolved'])
})

test('03: a sensor that never spoke is missed, and one that stops', async () => {
  const hub = await recipe('03')
  await hub.publish('sensors/cellar/celsius', 12)
  await hub.advance('31m')
  expect(alerts(hub).toSorted()).toEqual(['silent-attic firing', 'silent-cellar firing'])
})

test('04: a pause in the wash is no end of it', async () => {
  const hub = await recipe('04')
  const watts = (value: number): Promise<number> => hub.publish('plugs/washing-machine/watts', value)
  for (const value of [2000, 2, 60]) await watts(value)
  await hub.advance('5m')
  expect(alerts(hub)).toEqual([])
  await watts(2)
  await hub.advance('3m')
  expect(alerts(hub)).toEqual(['washing firing'])
})

test('05: the valve is closed first', async () => {
  const hub = await recipe('05')
  await hub.publish('zigbee2mqtt/leak/bathroom', { water_leak: false })
  await hub.publish('zigbee2mqtt/leak/bathroom', { water_leak: true })
  expect(hub.actions).toMatchObject([
    { kind: 'publish', topic: 'zigbee2mqtt/main-valve/set' },
    { kind: 'alert', severity: 'critical' },
  ])
})

test('06: the light goes off five minutes after the last motion', async () => {
  const hub = await recipe('06')
  await hub.publish('motion/hall', 'on')
  await hub.advance('4m')
  await hub.publish('motion/hall', 'on')
  await hub.advance('4m')
  expect(published(hub)).not.toContainEqual(['lights/hall/set', 'off'])
  await hub.advance('1m')
  expect(published(hub).at(-1)).toEqual(['lights/hall/set', 'off'])
})

test('07: motion counts at night, once in ten minutes', async () => {
  const hub = await recipe('07', { at: '2026-06-01T11:30:00Z' })
  await hub.publish('motion/garden', 'on')
  expect(alerts(hub)).toEqual([])
  await hub.advance('12h')
  await hub.publish('motion/garden', 'on')
  await hub.publish('motion/garden', 'on')
  expect(hub.actions).toHaveLength(1)
})

test('08: the lights go on half an hour before sunset', async () => {
  const hub = await recipe('08', { at: '2026-06-21T16:00:00Z' })
  // In Paris the sun sets at 21:58 local time, 19:58 UTC, on 21 June.
  await hub.advance('3h')
  expect(published(hub)).toEqual([])
  await hub.advance('1h')
  expect(published(hub)).toEqual([
    ['lights/hall/set', 'on'],
    ['lights/porch/set', 'on'],
  ])
})

test('09: the heating goes on from Monday to Friday', async () => {
  const hub = await recipe('09', { at: '2026-03-02T00:00:00Z' })
  await hub.advance('7d')
  expect(published(hub)).toHaveLength(5)
})

test('10: a window is told of while everybody is away', async () => {
  const hub = await recipe('10')
  await hub.publish('home/mode', 'home', { retain: true })
  await hub.publish('windows/kitchen', 'open')
  expect(alerts(hub)).toEqual([])
  await hub.publish('home/mode', 'away', { retain: true })
  await hub.publish('windows/kitchen', 'open')
  expect(alerts(hub)).toEqual(['window-kitchen firing'])
})

test('11: eleven rings are one', async () => {
  const hub = await recipe('11')
  for (let ring = 0; ring < 11; ring++) await hub.publish('doorbell/pressed')
  await hub.advance('31s')
  await hub.publish('doorbell/pressed')
  expect(hub.actions).toHaveLength(2)
})

test('12: three failures count for each address', async () => {
  const hub = await recipe('12')
  const fails = (address: string): Promise<number> => hub.publish('logins/failed', { address, user: 'root' })
  for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.1']) await fails(address)
  expect(alerts(hub)).toEqual(['logins-10.0.0.1 firing'])
})

test('13: a repeated state is not published again', async () => {
  const hub = await recipe('13')
  for (const state of ['idle', 'idle', 'busy', 'busy'])
    await hub.publish('meters/a/raw', { state, n: hub.now })
  expect(published(hub)).toEqual([
    ['meters/a/state', 'idle'],
    ['meters/a/state', 'busy'],
  ])
})

test('14: each number is a topic, and nothing else', async () => {
  const hub = await recipe('14')
  await hub.publish('weather/roof', { celsius: 21.5, wind: 3, at: 'noon', 'a/b': 1 })
  expect(published(hub)).toEqual([
    ['weather/roof/celsius', 21.5],
    ['weather/roof/wind', 3],
  ])
})

test('15: Fahrenheit becomes Celsius', async () => {
  const hub = await recipe('15')
  await hub.publish('acme/v2/4711/tele/temp_f', '70.1')
  expect(published(hub)).toEqual([['house/4711/celsius', 21.2]])
})

test('16: what a payload holds stays a value', async () => {
  const hub = await recipe('16')
  await hub.publish('meters/a/kwh', '1; rm -rf /')
  expect(hub.actions).toMatchObject([{ kind: 'shell', env: { ID: 'a', KWH: '1; rm -rf /' } }])
})

test('17: what nobody took in the end is published', async () => {
  const hub = await recipe('17')
  hub.fail('webhook', 20)
  await hub.publish('meters/main/day', { kwh: 7 })
  await hub.advance('1d')
  expect(hub.actions.filter(({ kind }) => kind === 'webhook')).toHaveLength(20)
  expect(published(hub)).toEqual([['meters/main/unreported', { kwh: 7 }]])
})

test('18: the answer is what the program said', async () => {
  const hub = await recipe('18')
  hub.answer('shell', { stdout: 'up 3 days' })
  await hub.publish('ask/uptime', '', { properties: { responseTopic: 'answers/1' } })
  expect(published(hub)).toEqual([['answers/1', { uptime: 'up 3 days' }]])
})

test('19: a will is told of, a word of the device is not', async () => {
  const hub = await recipe('19')
  await hub.publish('devices/boiler/status', 'offline')
  expect(alerts(hub)).toEqual([])
  await hub.publish('devices/boiler/status', 'offline', { will: true })
  expect(alerts(hub)).toEqual(['gone-boiler firing'])
})

test('20: a reconnect is no loss, and a loss is told of until the client is back', async () => {
  const hub = await recipe('20')
  const is = (state: string): Promise<number> =>
    hub.publish('vigie/clients/camera-1', { state, reason: 'keepalive' }, { retain: true })
  for (const state of ['online', 'offline', 'online']) await is(state)
  await hub.advance('3m')
  expect(alerts(hub)).toEqual([])
  await is('offline')
  await hub.advance('2m')
  expect(alerts(hub)).toEqual(['camera-1 firing'])
  await is('online')
  expect(alerts(hub)).toEqual(['camera-1 resolved'])
})

test('21: five plugs are one alert, two are two', async () => {
  const hub = await recipe('21')
  const gone = async (...names: string[]): Promise<void> => {
    for (const name of names) await hub.publish(`tele/${name}/LWT`, 'Offline', { will: true })
    await hub.advance('10s')
  }
  await gone('a', 'b')
  expect(alerts(hub).toSorted()).toEqual(['plug-a firing', 'plug-b firing'])
  await gone('c', 'd', 'e', 'f', 'g')
  expect(hub.alerts.map(({ title }) => title)).toContain('5 plugs are gone')
})

test('22: a host is told of when it is down, and when it is up', async () => {
  const hub = await recipe('22')
  await hub.down('cookbook-nas')
  expect(hub.alerts).toMatchObject([{ state: 'firing', title: 'nas does not answer' }])
  await hub.up('cookbook-nas')
  expect(hub.alerts).toMatchObject([{ state: 'resolved' }])
})

test('23: a site that is not as it should be is told of', async () => {
  const hub = await recipe('23')
  await hub.down('cookbook-site')
  expect(alerts(hub)).toEqual(['site firing'])
})

test('24: the disk is told of from ninety percent on', async () => {
  const hub = await recipe('24')
  hub.answer('shell', { stdout: 'Use%\n 93%\n' })
  await hub.advance('1h')
  expect(alerts(hub)).toEqual(['disk-srv firing'])
  hub.answer('shell', { stdout: 'Use%\n 41%\n' })
  await hub.advance('1h')
  expect(alerts(hub)).toEqual(['disk-srv resolved'])
})

const identity = { boot: 'b', pid: 7, startTicks: 9 }
const found = { identity, pid: 7, name: 'ffmpeg', meantUser: 'media', commandLine: 'ffmpeg -i x' }

test('25: what is busy becomes nicer, what is fat is ended', async () => {
  const hub = await recipe('25')
  await hub.publish('vigie/process/cookbook-busy/7', found)
  await hub.publish('vigie/process/cookbook-fat/7', found)
  expect(hub.actions).toMatchObject([{ kind: 'renice', nice: 15 }, { kind: 'kill' }, { kind: 'alert' }])
})

test('26: the worker is started again, given up, and back', async () => {
  const hub = await recipe('26')
  const missing = { count: 0, wanted: 1, attempt: 1, attempts: 5 }
  for (const state of ['missing', 'given-up', 'back'])
    await hub.publish('vigie/process/cookbook-worker/missing', { state, ...missing })
  expect(hub.actions).toMatchObject([
    { kind: 'restart', argv: ['/usr/bin/worker', '--queue', 'mail'] },
    { kind: 'alert', resolve: false },
    { kind: 'alert', resolve: true },
  ])
})

test('27: a backup that does not begin is told of after the grace', async () => {
  const hub = await recipe('27')
  await hub.publish('tasks/nightly/start')
  await hub.publish('tasks/nightly/ok')
  await hub.advance('26h')
  expect(alerts(hub)).toEqual([])
  await hub.advance('2h')
  expect(alerts(hub)).toEqual(['task-nightly firing'])
})

test('28: two pushes are two deploys, one after the other', async () => {
  const hub = await recipe('28')
  const push = (ref: string, after: string): Promise<number> => hub.publish('in/code/push', { ref, after })
  await push('refs/heads/other', 'b'.repeat(40))
  await push('refs/heads/main', 'a'.repeat(40))
  expect(hub.actions).toMatchObject([
    { argv: ['git', 'fetch', 'origin'] },
    { argv: ['git', 'checkout', '--detach', 'a'.repeat(40)] },
    { argv: ['make', 'restart'] },
    { kind: 'alert' },
  ])
})

test('29: the siren is on while a critical alert fires', async () => {
  const hub = await recipe('29')
  const is = (state: string, severity: string): Promise<number> =>
    hub.publish('vigie/alerts/leak', { state, severity }, { retain: true })
  await is('firing', 'warning')
  await is('firing', 'critical')
  await is('acknowledged', 'critical')
  expect(published(hub)).toEqual([
    ['siren/set', 'on'],
    ['siren/set', 'off'],
  ])
})

test('30: a dead run is on the dashboard, one that is done is not', async () => {
  const hub = await recipe('30')
  await hub.publish('vigie/runs/door', { rule: 'door', run: 3, state: 'done' })
  await hub.publish('vigie/runs/door', { rule: 'door', run: 4, state: 'dead' })
  expect(published(hub)).toEqual([['dashboard/failures/door', { run: 4, look: 'vigie run show 4' }]])
})

test('no recipe is without a test, and there are thirty', () => {
  const numbers = globSync('*.ts', { cwd: FOLDER }).map((file) => file.slice(0, 2))
  const source = readFileSync(import.meta.filename, 'utf8')
  expect(numbers).toHaveLength(30)
  expect(numbers.filter((number) => !source.includes(`await recipe('${number}'`))).toEqual([])
})
