// Covers `src/rules/compile/pipeline.ts`, `src/rules/context/context.ts`, `src/rules/context/payload.ts`,
// `src/rules/context/user-code.ts`, `src/rules/evaluate/evaluation.ts`, `src/rules/evaluate/sight.ts`,
// `src/rules/stages/stage.ts`, `src/rules/stages/when.ts`.

import { expect, it } from 'vitest'
import { z } from 'zod'
import { client, down, up, will } from '../../../src/index.ts'
import { TRIGGER } from '../../../src/rules/authoring/triggers/trigger.ts'
import { Driver, compileOne } from '../drive.ts'
import { inventedEvent } from '../../../src/rules/explain/rehearse.ts'
import { see } from '../../../src/rules/evaluate/sight.ts'
import { evaluate } from '../../../src/rules/evaluate/evaluate.ts'

it('does not fire for a retained message unless the rule says so', () => {
  const origin = 'retained'
  expect(new Driver({}).send(0, 1, { origin })).toMatchObject({ stage: 'origin' })
  expect(new Driver({ retained: 'fire' }).send(0, 1, { origin })).toMatchObject({ stage: 'fired' })
})

it('never fires for a message that is only said again', () => {
  const origin = 'redelivered'
  expect(new Driver({}).send(0, 1, { origin })).toMatchObject({ stage: 'origin' })
  expect(new Driver({ retained: 'fire' }).send(0, 1, { origin })).toMatchObject({ stage: 'origin' })
})

it('fires for a last will, and not for an ordinary publish, where the rule waits for a will', () => {
  const driver = new Driver({ on: will('t/+id') })
  expect(driver.send(0, 'x')).toMatchObject({
    stage: 'origin',
    reason: 'the message is live; the rule waits for a last will',
  })
  expect(driver.send(0, 'x', { origin: 'will' })).toMatchObject({ stage: 'fired' })
})

it('fires for the presence that the rule waits for', () => {
  const driver = new Driver({ on: client('s-*', 'offline') })
  const topic = 'vigie/clients/s-1'
  expect(driver.send(0, { state: 'online', reason: 'connect' }, { topic })).toMatchObject({
    stage: 'trigger',
  })
  expect(driver.send(0, { state: 'offline', reason: 'socket' }, { topic, origin: 'hub' })).toMatchObject({
    stage: 'fired',
    key: 's-1',
  })
  expect(driver.send(0, 'null', { topic })).toMatchObject({ reason: 'the message is no presence' })
})

it('takes whichever of several triggers the event is for', () => {
  const driver = new Driver({ on: [will('t/+id'), 't/+other'] })
  expect(driver.send(0, 'x')).toMatchObject({ stage: 'fired' })
})

it('is quiet about everything while it is switched off, and forgets what it waited for', () => {
  const driver = new Driver({ enabled: false, for: '10ms' })
  expect(driver.send(0)).toMatchObject({ stage: 'enabled' })
  expect(driver.kept()).toEqual({ state: null, wakeAt: null })
})

it('forgets what a stage remembered that the rule no longer has', () => {
  const driver = new Driver({ for: '10ms' })
  driver.send(0)
  driver.change({})
  driver.send(5)
  expect(driver.kept().state).toBe(null)
  driver.change({ for: '10ms' })
  driver.sendWithoutWakes(1_000, '')
  expect(driver.log).toEqual([[5, 2]])
})

it('decides as ever in a dry run, and says that it would have fired', () => {
  const driver = new Driver({ dryRun: true, debounce: '10ms' })
  driver.send(0)
  driver.wakeUntil(10)
  expect(driver.firings).toMatchObject([{ dryRun: true, at: 10 }])
  expect(driver.verdicts.at(-1)).toMatchObject({ stage: 'dryRun' })
})

it('keeps the keys apart', () => {
  const driver = new Driver({
    on: 't/+id/#',
    key: ({ payload }) => (payload as { k: string }).k,
    rateLimit: [1, '1h'],
  })
  const stages = ['a', 'b', 'a'].map((k, at) => driver.send(at, { k }, { topic: 't/x/y' }))
  expect(stages.map(({ key, stage }) => [key, stage])).toEqual([
    ['a', 'fired'],
    ['b', 'fired'],
    ['a', 'rateLimit'],
  ])
})

it('records a rejected payload even when `key` would have read it', () => {
  const driver = new Driver({
    payload: z.object({ k: z.string() }),
    key: ({ payload }) => (payload as { k: string }).k,
  })
  expect(driver.send(0, 'rubbish')).toMatchObject({ stage: 'payload', key: 'x' })
})

it.each([
  ['when', { when: () => fail() }],
  ['key', { key: () => fail() }],
  ['changed', { changed: () => fail() }],
  ['value', { above: 1, value: () => fail() }],
  ['dedupe.key', { dedupe: { key: () => fail(), window: '1h' as const } }],
])('makes a verdict of what %s throws, with the rule and the reason', (part, definition) => {
  const driver = new Driver(definition)
  const { stage, reason } = driver.send(0)
  expect(stage).toBe('error')
  expect(reason).toContain(`rule "r": ${part} threw RangeError: no such thing`)
  expect(driver.kept().state).toBeNull()
})

it('names the line of the rule file that threw', () => {
  const set = compileOne({ when: () => fail() })
  const rule = { ...set.rules[0]!, file: 'rules/evaluate/evaluate.test.ts' }
  const event = inventedEvent('t/x', '', 'live')
  const sight = see({ ...set.matchOf('r', 't/x')!, rule }, event, { last: () => undefined })
  const { verdicts } = evaluate(rule, sight.key, null, { kind: 'event', sight })
  expect(verdicts[0]!.reason).toMatch(/^rules\/evaluate\/evaluate\.test\.ts:\d+:\d+: rule "r": when threw/)
})

it('leaves what was remembered as it was when a later condition throws', () => {
  const driver = new Driver({
    changed: true,
    above: 5,
    value: ({ payload }) => (payload === 7 ? fail() : payload),
  })
  driver.send(0, 6)
  const before = driver.kept().state
  driver.send(1, 7)
  expect(driver.kept().state).toBe(before)
  expect(driver.send(2, 6)).toMatchObject({ stage: 'changed' })
})

it('goes through the stages in the order of the language', () => {
  const driver = new Driver({
    when: ({ payload }) => payload !== 0,
    for: '10ms',
    debounce: '10ms',
    throttle: '100ms',
    count: [2, '1h'],
  })
  driver.send(0, 1)
  driver.send(30, 0)
  driver.send(40, 1)
  driver.wakeUntil(1_000)
  // Held until 10 and 50, quiet at 20 and 60, let through at 20 and 120, counted there.
  expect(driver.log).toEqual([[120, 3]])
})

it('has no state at all where nothing is to be remembered', () => {
  const driver = new Driver({ when: () => true })
  driver.send(0)
  expect(driver.kept()).toEqual({ state: null, wakeAt: null })
})

it.each([
  [down('router'), 'down', 'up', undefined],
  [down('router'), 'up', 'down', 'the ping is up; the rule waits for down'],
  [down('router'), 'down', 'down', 'the ping was down before, and is again'],
  [down('router'), 'down', 'unknown', undefined],
  [down('router'), 'unreachable', 'up', 'the ping is unreachable; the rule waits for down'],
  [up('router'), 'up', 'down', undefined],
  [up('router'), 'up', 'unknown', 'the ping was not down before'],
])('takes the flips that it waits for: %#', (trigger, state, previous, reason) => {
  const report = inventedEvent('vigie/ping/router', JSON.stringify({ state, previous }), 'hub')
  expect(trigger[TRIGGER].refuses?.(report)?.reason).toBe(reason)
})

function fail(): never {
  throw new RangeError('no such thing')
}
