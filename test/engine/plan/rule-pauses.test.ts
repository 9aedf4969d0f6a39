// Rules that are paused, in virtual time.
//
// Covers `src/engine/plan/rule-command.ts`, `src/model/rule-pause.ts`, `src/topics/rule-topic.ts`,
// `src/engine/steps/own-runs.ts`, `src/model/speaker.ts`.

import { describe, expect, test } from 'vitest'
import { cron, publish, rule, silence, wait } from '../../../src/index.ts'
import type { RuleDefinition } from '../../../src/rules/authoring/rule.ts'
import { simulate } from '../../../src/testing.ts'
import type { Simulation } from '../../../src/testing.ts'

const AT = '2026-03-02T05:00:00Z'
const START = Date.parse(AT)
const MINUTE = 60_000

const door = (more: Partial<RuleDefinition> = {}) =>
  rule('door', {
    on: 'doors/+door',
    do: () => [publish('out', 'fired')],
    ...more,
  } as never)

const pause = (
  hub: Simulation,
  order: object = { reason: 'the lock is being replaced', by: 'anna' },
  name = 'door',
) => hub.publish(`vigie/commands/rules/${name}/pause`, order, { client: 'phone' })
const resume = (hub: Simulation) => hub.publish('vigie/commands/rules/door/resume')

const firedAt = (hub: Simulation): number[] => hub.actions.map(({ at }) => (at - START) / MINUTE)
const on = (hub: Simulation, topic: string) =>
  hub.messages.filter((message) => message.topic === topic).map(({ payload }) => payload)
const verdictOf = (hub: Simulation, event: number) => {
  const { stage, reason } = hub.verdicts.findLast((verdict) => verdict.event === event)!
  return `${stage}: ${reason}`
}

describe('a paused rule', () => {
  test('begins no run, and says why of each event; resumed, it goes on with the next', async () => {
    const hub = simulate([door()], { at: AT })
    await hub.publish('doors/front')
    await pause(hub)
    const missed = await hub.publish('doors/front')
    await hub.advance('10m')
    await resume(hub)
    await hub.publish('doors/front')
    expect(firedAt(hub)).toEqual([0, 10])
    expect(verdictOf(hub, missed)).toBe('paused: the lock is being replaced, says anna (client "phone")')
  })

  test('is resumed by the end of its pause, also when the hub was off at that moment', async () => {
    const hub = simulate([door()], { at: AT })
    await pause(hub, { reason: 'work', for: '1h' })
    await hub.advance('59m')
    await hub.publish('doors/front')
    await hub.restart({ down: '30m' })
    await hub.publish('doors/front')
    expect(firedAt(hub)).toEqual([89])
    expect(on(hub, 'vigie/rules/door')).toMatchObject([
      { state: 'paused', reason: 'work', until: '2026-03-02T06:00:00.000Z' },
      { state: 'resumed', resumedBy: 'the end of the pause', resumedAt: '2026-03-02T06:29:00.000Z' },
    ])
  })

  test('stays paused through restarts, and changes its reason and end when it is paused again', async () => {
    const hub = simulate([door()], { at: AT })
    await pause(hub, { reason: 'work' })
    await hub.restart({ down: '1d' })
    await hub.publish('doors/front')
    await pause(hub, { reason: 'more work', until: '2026-03-03T06:00:00Z' })
    await hub.restart()
    await hub.advance('59m')
    await hub.publish('doors/front')
    await hub.advance('1m')
    await hub.publish('doors/front')
    expect(firedAt(hub)).toEqual([25 * 60])
    expect(on(hub, 'vigie/rules/door')).toMatchObject([
      { state: 'paused', reason: 'work', since: '2026-03-02T05:00:00.000Z' },
      { state: 'paused', reason: 'more work', since: '2026-03-02T05:00:00.000Z' },
      { state: 'resumed' },
    ])
  })

  test('lets the runs that it has begun go on', async () => {
    const hub = simulate([door({ do: () => [wait('5m'), publish('out', 'late')] })], { at: AT })
    await hub.publish('doors/front')
    await pause(hub)
    await hub.advance('1h')
    expect(firedAt(hub)).toEqual([5])
  })
})

describe('the timers of a paused rule', () => {
  const held: readonly Partial<RuleDefinition>[] = [
    { for: '10m' },
    { debounce: '10m' },
    { on: silence('doors/+door', '10m') },
  ]
  const gaps = ['continue', 'restart', 'fire', 'drop'] as const
  const table: readonly Partial<RuleDefinition>[] = [
    ...held,
    ...held.flatMap((each) => gaps.map((onGap) => ({ ...each, onGap }))),
    { throttle: '10m' },
    { rateLimit: [1, '10m'] },
    { count: [2, '10m'] },
    { dedupe: { key: () => 'one', window: '10m' } },
  ]

  test.each(table)('take the pause as a downtime: %o', async (definition) => {
    const [paused, down] = await Promise.all(
      ['pause', 'downtime'].map(async (kind) => {
        const hub = simulate([door(definition)], { at: AT })
        await hub.publish('doors/front', '1')
        await hub.publish('doors/front', '2')
        await hub.advance('3m')
        if (kind === 'downtime') await hub.restart({ down: '20m' })
        else {
          await pause(hub)
          await hub.advance('20m')
          await resume(hub)
        }
        await hub.advance('1m')
        await hub.publish('doors/front', '3')
        await hub.advance('1h')
        return firedAt(hub)
      }),
    )
    expect(paused).toEqual(down)
    expect(down).not.toEqual([])
  })
})

describe('the schedule of a paused rule', () => {
  const hourly = (catchUp: boolean) =>
    rule('door', { on: cron('30 * * * *', { timezone: 'UTC', catchUp }), do: () => [publish('out', 'tick')] })

  test.each([
    { catchUp: false, fired: [210] },
    { catchUp: true, fired: [200, 210] },
  ])(
    'tells its ticks as missed, and makes up for them as catchUp=$catchUp says',
    async ({ catchUp, fired }) => {
      const hub = simulate([hourly(catchUp)], { at: AT })
      await pause(hub)
      await hub.advance('200m')
      expect(hub.actions).toEqual([])
      await resume(hub)
      await hub.advance('10m')
      expect(firedAt(hub)).toEqual(fired)
      expect(on(hub, 'vigie/hub/missed-ticks')).toMatchObject([{ rule: 'door', missed: 3, paused: true }])
    },
  )

  test('takes a tick as missed that came just before the rule was resumed', async () => {
    const hub = simulate([hourly(false)], { at: AT })
    await pause(hub, { reason: 'work', for: '31m' })
    await hub.advance('40m')
    expect(hub.actions).toEqual([])
    expect(on(hub, 'vigie/hub/missed-ticks')).toMatchObject([{ missed: 1, paused: true }])
  })
})

describe('a command about a rule', () => {
  test.each([
    ['pause', { by: 'anna' }, 'reason is missing'],
    ['pause', { reason: 'x', unti: '08:00' }, 'unti means nothing here; did you mean until?'],
    [
      'pause',
      { reason: 'x', for: '1h', until: '08:00' },
      'it has a length (for) and an end (until): give one',
    ],
    ['pause', { reason: 'x', for: '0s' }, 'for: a pause needs a length'],
    ['pause', { reason: 'x', for: '200000000d' }, 'for: "200000000d" is longer than a hundred years'],
    ['pause', { reason: 'x', until: '2026-03-02T04:59Z' }, 'until: that moment has passed'],
    ['resume', {}, 'the rule "door" is not paused'],
    ['paus', {}, 'nobody can "paus" a rule (did you mean pause?)'],
  ])('%s %j is refused: %s', async (verb, order, reason) => {
    const hub = simulate([door()], { at: AT })
    await hub.publish(`vigie/commands/rules/door/${verb}`, order)
    expect(on(hub, `vigie/commands/rules/door/${verb}/result`)).toEqual([{ ok: false, reason }])
    await hub.publish('doors/front')
    expect(firedAt(hub)).toEqual([0])
  })

  test('about a rule that is not in force is refused, with the one that was meant', async () => {
    const hub = simulate([door()], { at: AT })
    await pause(hub, { reason: 'x' }, 'dor')
    expect(on(hub, 'vigie/commands/rules/dor/pause/result')).toEqual([
      { ok: false, reason: 'no rule "dor" is in force; did you mean "door"?' },
    ])
  })

  test.each([
    [{ retain: true }, 'it is a retained message, which would be said again at every start'],
    [{ will: true }, 'a will gives no command'],
    [{ origin: 'bridge' as const }, 'a command over a bridge is not taken'],
  ])('with %j is refused: %s', async (options, reason) => {
    const hub = simulate([door()], { at: AT })
    await hub.publish('vigie/commands/rules/door/pause', { reason: 'x' }, options)
    expect(on(hub, 'vigie/commands/rules/door/pause/result')).toEqual([{ ok: false, reason }])
  })

  test('is answered on the response topic that it names', async () => {
    const hub = simulate([door()], { at: AT })
    await hub.publish(
      'vigie/commands/rules/door/pause',
      { reason: 'x' },
      { properties: { responseTopic: 'mine' } },
    )
    expect(on(hub, 'mine')).toMatchObject([{ ok: true, pause: { rule: 'door', state: 'paused' } }])
  })
})
