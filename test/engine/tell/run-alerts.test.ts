import { expect, test } from 'vitest'
import { openRunAlerts } from '../../../src/engine/tell/run-alerts.ts'
import type { Run, Step } from '../../../src/model/run.ts'
import { run, step } from '../../journal/nouns.ts'

const open = new Set<string>()
const dead = new Set<string>()
const says = (ended: Partial<Run>, steps: readonly Step[] = []): [string, unknown][] =>
  openRunAlerts({
    root: 'vigie',
    mayBeOpen: (key) => open.has(key),
    hasDead: (rule) => dead.has(rule),
  })(run(7, ended), steps, 2).map(({ topic, payload }) => [
    topic,
    JSON.parse(Buffer.from(payload).toString()),
  ])
const failed = step(7, '0', { state: 'dead', attempt: 3, outcome: { kind: 'give-up', reason: 'no route' } })

test('a dead run raises the alert of its rule, and counts once however often its end is announced', () => {
  const said = says({ rule: 'door', state: 'dead', endedAt: 99 }, [failed])
  expect(said).toEqual([
    [
      'vigie/commands/alerts/runs/door/raise',
      {
        title: 'A run of the rule "door" is dead',
        severity: 'warning',
        labels: { rule: 'door' },
        body: expect.stringMatching(/^Run 7: no route \(step 0, after 3 attempts\)\. "vigie run show 7"/),
        step: '7 99',
      },
    ],
  ])
  expect(says({ rule: 'door', state: 'dead', endedAt: 99 }, [failed])).toEqual(said)
})

test('the next run that succeeds resolves it, and says nothing where nothing is open', () => {
  expect(says({ rule: 'door', state: 'done', endedAt: 100 })).toEqual([])
  open.add('runs/door')
  dead.add('door')
  expect(says({ rule: 'door', state: 'cancelled', endedAt: 100 })).toEqual([])
  expect(says({ rule: 'door', state: 'done', endedAt: 100 })).toEqual([
    ['vigie/commands/alerts/runs/door/resolve', { step: '7 100' }],
  ])
})

test('the last dead run that is discarded resolves it', () => {
  open.add('runs/door')
  dead.delete('door')
  expect(says({ rule: 'door', state: 'cancelled', endedAt: 101 })).toEqual([
    ['vigie/commands/alerts/runs/door/resolve', { step: '7 101', title: 'No run is dead any more' }],
  ])
})

test('a channel that fails has an alert of its own, which only a telling resolves', () => {
  const spec = { kind: 'notify', channel: 'phone', subject: 'alert/x', ...MANNER } as const
  const telling = (rest: Partial<Step>) => [step(7, '0', { spec, ...rest })]
  expect(
    says({ rule: '@alerts', state: 'dead', endedAt: 9 }, telling({ state: 'dead', outcome: failed.outcome })),
  ).toMatchObject([['vigie/commands/alerts/channels/phone/raise', { severity: 'critical' }]])
  open.add('channels/phone')
  const nothing = { kind: 'done', result: { told: null } } as const
  expect(says({ rule: '@alerts', state: 'done', endedAt: 9 }, telling({ outcome: nothing }))).toEqual([])
  const told = { kind: 'done', result: { told: { at: 1, alerts: {} } } } as const
  expect(says({ rule: '@alerts', state: 'done', endedAt: 9 }, telling({ outcome: told }))).toMatchObject([
    ['vigie/commands/alerts/channels/phone/resolve', {}],
  ])
})

const MANNER = { timeoutMs: 1, retry: { attempts: 1, minMs: 1, maxMs: 1 } }
