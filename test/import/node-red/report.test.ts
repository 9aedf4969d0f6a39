// Covers `src/import/node-red/flows.ts`, `src/import/node-red/counterparts.ts`.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { reportOf } from '../../../src/import/node-red/report.ts'
import { ROOT } from '../../support/hub.ts'

it('tells for each way through the flows what it would become', () => {
  expect(reportOf(readFileSync(join(ROOT, 'test/import/files/flows.json'), 'utf8')))
    .toBe(`Broker "house" (192.168.1.2): vigie takes its place, or has a bridge to it.

Flow "Hall": 6 nodes
  rule 1
    = mqtt in: on: 'hall/motion'
    = switch "on?": when: a condition over payload
    = trigger: debounce: '5m'
    = mqtt out: publish('hall/lamp', …, { qos: 0, retain: true })
  rule 2, with parts that have no counterpart (!)
    = mqtt in: on: 'hall/motion'
    = switch "on?": when: a condition over payload
    ~ function "level": a function in TypeScript: 2 lines of JavaScript
    = link out: nothing: the flow goes on at the other end
    = link in: nothing: the flow goes on at the other end
    ! ui_gauge "Level": no dashboard: the page of the hub shows topics and history

Flow "Night" (disabled): 5 nodes
  rule 1
    = inject: on: cron('0 22 * * *')
    = exec: shell\`/usr/bin/lights off\`; no shell reads it, so pipes and * need shell.script
  = link in: nothing: the flow goes on at the other end
  ! ui_gauge "Level": no dashboard: the page of the hub shows topics and history

3 rules: 2 say the same, 0 need work by hand, 1 have parts without a counterpart. docs/from-node-red.md tells how each is written.
`)
})

const node = (type: string, rest: object = {}) => ({ id: type, type, z: 't', wires: [['end']], ...rest })
const sayingOf = (type: string, rest?: object): string => {
  const flows = [
    { id: 't', type: 'tab', label: 'T' },
    node(type, rest),
    { id: 'end', type: 'debug', z: 't', wires: [] },
  ]
  return reportOf(JSON.stringify(flows)).split('\n')[2]?.trim() ?? ''
}

it.each([
  ['inject', { repeat: '60', crontab: '' }, '= inject: on: cron(…), every 60 s'],
  ['delay', { pauseType: 'rate', rate: '1', drop: true }, '= delay: rateLimit: [1, …]'],
  ['delay', { pauseType: 'delay', timeout: '5', timeoutUnits: 'minutes' }, "= delay: wait('5m') in do"],
  ['rbe', { func: 'rbe' }, '= rbe: changed: true'],
  [
    'http request',
    { url: 'http://x/', method: 'PUT' },
    "= http request: webhook('http://x/', { method: 'PUT' })",
  ],
  ['subflow:abc', {}, '~ subflow:abc: a function that several rules import: it is a subflow'],
  ['bigtimer', {}, '! bigtimer: "bigtimer" is a node of its own author'],
  ['constructor', {}, '! constructor: "constructor" is a node of its own author'],
])('knows what %s with %j would be', (type, rest, line) => {
  expect(sayingOf(type, rest)).toBe(line)
})

it('ends on a circle, and on thousands of ways', () => {
  const circle = [
    { id: 't', type: 'tab' },
    node('inject', { wires: [['a']] }),
    node('a', { wires: [['b']] }),
    node('b', { wires: [['a']] }),
  ]
  expect(reportOf(JSON.stringify(circle))).toContain('rule 1')
  const layers = Array.from({ length: 12 }, (_, layer) =>
    ['x', 'y', 'z'].map((each) => ({
      id: `${each}${layer}`,
      type: 'change',
      z: 't',
      wires: [['x', 'y', 'z'].map((next) => `${next}${layer + 1}`)],
    })),
  ).flat()
  const wide = [{ id: 't', type: 'tab' }, node('inject', { wires: [['x0']] }), ...layers]
  expect(reportOf(JSON.stringify(wide))).toContain('… and more ways')
})
