import { expect, it } from 'vitest'
import type { HubStatus } from '../../../src/model/hub-status.ts'
import { concernsOf, type Situation, summaryOf } from '../../../src/page/status/concerns.ts'

const well = {
  health: { ok: true, conditions: { journal: null, rules: null, engine: null } },
  engine: { failures: [], quarantined: [], behind: 0, now: { pings: [], watches: [] } },
  paused: [],
  store: { runs: { dead: 0 } },
} as unknown as HubStatus

const ping = (name: string, state: string, isUnable = false) => ({
  name,
  state,
  isUnable,
  reason: 'no answer',
})
const alert = (key: string, state = 'firing') => ({
  key,
  title: key.toUpperCase(),
  state,
  severity: 'warning',
})
const situation = (engine: object = {}, rest: object = {}): Situation => ({
  status: { ...well, engine: { ...well.engine, ...engine }, ...rest },
  alerts: [],
  lost: [],
})

const said = (given: Situation): string[] => concernsOf(given).map(({ says }) => says)

it('says that all is well when nothing is wrong', () => {
  expect(summaryOf(concernsOf(situation()))).toEqual({
    kind: 'ok',
    says: 'All is well: the hub keeps its promise.',
  })
})

it('puts what is broken before what is worth a look', () => {
  const concerns = concernsOf({ ...situation({}, { store: { runs: { dead: 1 } } }), lost: ['lamp'] })
  expect(concerns).toEqual([
    { kind: 'bad', says: '1 run failed for good.', href: '/runs?state=dead' },
    { kind: 'warn', says: 'The client lamp is lost.', href: '/clients/lamp' },
  ])
  expect(summaryOf(concerns)).toEqual({ kind: 'bad', says: 'One thing is wrong.' })
  expect(summaryOf(concerns.slice(1))).toEqual({
    kind: 'warn',
    says: 'The hub keeps its promise; one thing is worth a look.',
  })
})

it('says each condition that does not hold, and not again what it is about', () => {
  const conditions = { journal: null, rules: 'Some rules are not in force.', engine: null }
  expect(said(situation({ failures: ['lamp.ts:3: wrong'] }, { health: { ok: false, conditions } }))).toEqual([
    'Some rules are not in force.',
  ])
})

it('names up to three, and counts more', () => {
  const three = ['a', 'b', 'c'].map((name) => ping(name, 'down'))
  expect(said(situation({ now: { pings: three, watches: [] } }))).toEqual(
    ['a', 'b', 'c'].map((name) => `The ping ${name} is down: no answer.`),
  )
  const four = [...three, ping('d', 'up', true)]
  expect(said(situation({ now: { pings: four, watches: [] } }))).toEqual(['4 pings are down.'])
})

it('counts alerts that fire, and none that somebody looks after', () => {
  const alerts = [alert('nas/sda'), alert('lamp', 'acknowledged')] as Situation['alerts']
  expect(concernsOf({ ...situation(), alerts })).toEqual([
    { kind: 'bad', says: 'Alert: NAS/SDA', href: '/alerts/nas%2Fsda' },
  ])
})

it.each([
  [{ quarantined: ['door'] }, 'The rule door is quarantined until it is saved again.'],
  [{ behind: 20_000 }, '20,000 events wait for the rules.'],
  [
    { now: { pings: [], watches: [{ name: 'w', problem: 'no /proc', hasGivenUp: false }] } },
    'The watch w cannot look: no /proc.',
  ],
  [
    { now: { pings: [], watches: [{ name: 'w', problem: '', hasGivenUp: true }] } },
    'The watch w has given up: too few run.',
  ],
])('says of %j: %s', (engine, sentence) => {
  expect(said(situation(engine))).toEqual([sentence])
})

it('says nothing of pings while no engine answers: the condition does', () => {
  expect(said(situation({ now: null, behind: null }))).toEqual([])
})
