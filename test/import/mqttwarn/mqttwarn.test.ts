// Covers `src/import/mqttwarn/ini.ts`, `src/import/mqttwarn/rules.ts`, `src/import/mqttwarn/services.ts`,
// `src/import/mqttwarn/functions.ts`, `src/import/mqttwarn/support.ts`.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { importMqttwarn } from '../../../src/import/mqttwarn/mqttwarn.ts'
import { cronOf } from '../../../src/import/mqttwarn/rules.ts'
import { ROOT } from '../../support/hub.ts'

const { files, notes } = importMqttwarn(
  readFileSync(join(ROOT, 'test/import/files/mqttwarn.ini'), 'utf8'),
  'mqttwarn.ini',
)
const file = (name: string): string => files.find((each) => each.name === name)?.text ?? ''

it('makes targets channels, with a route for each, the failover last', () => {
  const config = file('vigie.config.ts')
  expect(config).toContain("'smtp-us': mail({")
  expect(config).toContain("to: ['anna@example.org', 'ben@example.org'],")
  expect(config).toContain("sound: 'siren'")
  expect(config).toContain(
    "'telegram-family': telegram({ token: secret('TELEGRAM_TOKEN'), chat: -1001234567890 })",
  )
  expect(config).toContain(
    "{ labels: { mqttwarn: 'pushover:phone' }, to: ['pushover-phone'], resolved: false },",
  )
  expect(config).toMatch(/\{ to: \['smtp-us'\] \},?\s*\]/)
  expect(config).toContain("url: 'mqtt://broker.lan:1883'")
  expect(config).toContain("{ filter: 'doors/+/state', direction: 'in' },")
})

it('makes sections rules, and format strings template literals', () => {
  const rules = file('rules/mqttwarn.ts')
  expect(rules).toContain("on: 'hello/1',")
  expect(rules).toContain("call(() => appendFile('/tmp/f.01', text + '\\n')),")
  expect(rules).toContain(
    "${field(payload, 'name')}: it has ${Number(field(payload, 'temp')).toFixed(1)} °C, " +
      "${field(payload, 'battery')} % (\\`${field(payload, 'status', 'code')}\\`) at " +
      '${new Date(event.at).toISOString().slice(11, 16)} on ${topic} {so}`',
  )
  expect(rules).toContain("targets: ['pushover:phone', 'telegram:family', 'telegram:anna']")
  expect(rules).toContain("severity: 'critical'")
  expect(rules).toContain("shell`${['/usr/bin/espeak', '-s', '120', text]}`")
  expect(rules).toContain("publish('display/line1', text, { qos: 0, retain: true })")
  expect(rules).toContain('when: ({ topic, payload }) => !functions.owntracks_filter(topic, payload),')
})

it('makes Python functions ones that throw until they are written, and says so', async () => {
  const functions = file('rules/lib/functions.ts')
  expect(functions).toContain('export function OwnTracksTopic2Data(_topic: string, _payload: unknown)')
  expect(functions).toContain('export async function heartbeat(): Promise<void>')
  expect(notes).toContain(
    'Write what these did in Python into rules/lib/functions.ts; until then each throws: owntracks_filter, ' +
      'OwnTracksTopic2Data, OwnTracksFormat, heartbeat.',
  )
})

it('names what it leaves out', () => {
  for (const note of [
    'Targets of "log" are not imported: the history holds every message.',
    'The service "nma" has no counterpart here',
    'The section [dynamic] has no list of targets',
    'The section [gone] is not imported: none of its targets is.',
    'there is no such target in [config:file]',
    '"odd" of [cron] is not imported: no schedule comes every 7000 seconds.',
    'The channel "telegram:anna" needs the number of its chat',
    '{battery:>5} is taken over without its format.',
    'put it into the environment variable PUSHOVER_PHONE_TOKEN',
  ])
    expect(notes.join('\n')).toContain(note)
})

it.each([
  [10, '*/10 * * * * *'],
  [60, '*/1 * * * *'],
  [300, '*/5 * * * *'],
  [7_200, '0 */2 * * *'],
  [86_400, '0 0 * * *'],
  [7, undefined],
  [0, undefined],
  [Number.NaN, undefined],
])('makes %s seconds the schedule %s', (seconds, schedule) => {
  expect(cronOf(seconds)).toBe(schedule)
})
