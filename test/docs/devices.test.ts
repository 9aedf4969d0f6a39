// What docs/devices.md shows is what works: its files load, and do what the text around them says.

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test, vi } from 'vitest'
import type { Rule } from '../../src/index.ts'
import { scored } from '../../src/rules/stages/flap-score.ts'
import { simulate } from '../../src/testing.ts'
import { ROOT, temporaryFolder } from '../support/hub.ts'
import { runCommand } from '../support/terminal.ts'

vi.setConfig({ testTimeout: 60_000 })

const text = readFileSync(join(ROOT, 'docs', 'devices.md'), 'utf8')

function written(): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'rules'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(ROOT, join(folder, 'node_modules', 'vigie'))
  for (const [, name = '', code = ''] of text.matchAll(/^```ts\n\/\/ rules\/(\S+)\n([^]*?)^```$/gm))
    writeFileSync(join(folder, 'rules', name), code)
  return folder
}

async function loaded(file: string): Promise<Rule> {
  const module = pathToFileURL(join(written(), 'rules', file)).href
  return ((await import(module)) as { default: Rule }).default
}

test('its files pass the check, types included', async () => {
  const { status, out } = await runCommand(['check', 'rules'], { cwd: written() })
  expect(out).toMatch(/^2 rules, 0 errors, 0 warnings\.$/m)
  expect(status).toBe(0)
})

test('its first example tells of one sensor, of a flapping one, and of twenty at once', async () => {
  const hub = simulate(await loaded('sensors.ts'))
  const say = (id: string, state: string) =>
    hub.publish(`vigie/clients/${id}`, { client: id, state, reason: state === 'online' ? null : 'socket' })
  const titles = () => hub.actions.map((action) => (action as { title?: string }).title)

  await say('sensor-1', 'offline')
  await hub.advance('10m')
  await say('sensor-1', 'online')
  await hub.advance('10m')
  expect(titles()).toEqual(['sensor-1 is lost', 'sensor-1 is back'])

  for (let departure = 0; departure < 20; departure++) {
    await say('sensor-2', 'offline')
    await say('sensor-2', 'online')
    await hub.advance('1m')
  }
  await hub.advance('1h')
  expect(titles().slice(2)).toEqual(['sensor-2 is flapping', 'sensor-2 is steady'])

  for (let id = 3; id < 23; id++) await say(`sensor-${id}`, 'offline')
  await hub.advance('10m')
  for (let id = 3; id < 23; id++) await say(`sensor-${id}`, 'online')
  expect(titles().slice(4)).toEqual(['20 sensors are lost', '20 sensors are back'])
})

test('its second example reads what Zigbee2MQTT says', async () => {
  const hub = simulate(await loaded('bulbs.ts'))
  await hub.publish('zigbee2mqtt/kitchen/lamp/availability', { state: 'offline' })
  await hub.advance('6m')
  expect(hub.actions).toMatchObject([{ key: 'bulb-kitchen/lamp', title: 'kitchen/lamp is lost' }])
})

test.each([
  ['minute', 1, 4],
  ['3 minutes', 3, 4],
  ['5 minutes', 5, 7],
  ['6 minutes, or less often', 6, null],
])('a departure every %s flaps as its table says', (row, minutes, expected) => {
  const limits = { above: 3, until: 1, halfLifeMs: 600_000 }
  let score
  let flapsAt: number | null = null
  for (let departure = 1; departure < 1_000 && flapsAt === null; departure++) {
    score = scored(score, departure * minutes * 60_000, limits)
    if (score.value >= limits.above) flapsAt = departure
  }
  expect(flapsAt).toBe(expected)
  const words: Record<number, string> = { 4: 'fourth', 7: 'seventh' }
  expect(text).toContain(`| ${row} | ${expected === null ? 'never' : words[expected]} |`)
})
