// Covers `src/rules/authoring/actions/parallel.ts`.

import { expect, it } from 'vitest'
import { alert, call, parallel, publish, reply, secret, shell, wait, webhook } from '../../../src/index.ts'
import type { Event } from '../../../src/model/event.ts'
import type { FiringDetails } from '../../../src/model/run.ts'
import { encodePropertyBytes } from '../../../src/mqtt/properties.ts'
import type { Action, Actions } from '../../../src/rules/authoring/actions/action.ts'
import { derive, findCall, plan } from '../../../src/rules/evaluate/plan.ts'
import type { Occasion } from '../../../src/rules/evaluate/plan.ts'
import { inventedEvent } from '../../../src/rules/explain/rehearse.ts'
import { compileOne } from '../drive.ts'

const occasion = (act: () => unknown, more: Partial<Event> = {}): Occasion => ({
  match: compileOne({ do: act }).matchOf('r', 't/x')!,
  event: { ...inventedEvent('t/x', '{"a":1}', 'live'), ...more },
  at: 5,
  world: { last: () => undefined },
})
const kinds = (act: () => unknown): unknown => {
  const answer = plan(occasion(act))
  return answer.ok ? answer.steps.map(({ path, spec }) => [path, spec?.kind ?? null]) : answer.reason
}

it('numbers the steps, leaves empty places out, and keeps one for each function', () => {
  expect(kinds(() => [false, shell`a`, undefined, () => wait('1s'), null, call(() => 1)])).toEqual([
    ['0', 'shell'],
    ['1', null],
    ['2', 'call'],
  ])
  expect(kinds(() => alert({ title: 'x' }))).toEqual([['0', 'alert']])
  expect(kinds(() => undefined)).toEqual([])
})

it('is data through and through', () => {
  const answer = plan(
    occasion(() => [
      parallel([wait('1s'), () => wait('2s')], { onFailure: [alert({ title: 'x' }), () => false] }),
      shell({ env: { T: secret('T') }, onFailure: [call(() => 1)] })`a`,
    ]),
  )
  const kept: unknown = JSON.parse(JSON.stringify(answer))
  expect(kept).toEqual(answer)
  expect(kept).toMatchObject({
    steps: [
      {
        spec: {
          kind: 'parallel',
          timeoutMs: 0,
          steps: [{ kind: 'wait', lengthMs: 1_000 }, null],
          onFailure: [{ kind: 'alert' }, null],
        },
      },
      { spec: { env: { T: { secret: 'T' } }, onFailure: [{ kind: 'call' }] } },
    ],
  })
})

it.each([
  [() => 'x', 'do returned a string'],
  [() => [shell`a`, {}], 'do returned an object that is no action at place 1'],
  [() => [[shell`a`]], 'do returned an array inside the array'],
  [async () => [], 'do returned a promise (do is not async'],
  [() => parallel([5 as never]), 'parallel holds a number'],
  [() => shell({ onFailure: [5 as never] })`a`, 'onFailure holds a number'],
  [() => shell`a | b`, 'do threw TypeError: shell: "|" would mean something'],
])('refuses rubbish with a sentence: %s', (act, sentence) => {
  const answer = plan(occasion(act))
  expect(answer).toMatchObject({ ok: false, reason: expect.stringContaining('rule "r": ') as string })
  expect(answer).toMatchObject({ reason: expect.stringContaining(sentence) as string })
})

it('answers a request where it asks to be answered, and leaves the step out when nobody asks', () => {
  const properties = encodePropertyBytes({ responseTopic: 'back/to', correlationData: Buffer.from([1, 2]) })
  const act = (): Actions => [reply({ ok: true }), wait('1s')]
  expect(plan(occasion(act, { properties, qos: 2 }))).toMatchObject({
    steps: [
      {
        path: '0',
        spec: {
          kind: 'publish',
          topic: 'back/to',
          isReply: true,
          payload: { text: '{"ok":true}' },
          qos: 2,
          properties: { correlationData: 'AQI=' },
        },
      },
      { path: '1', spec: { kind: 'wait' } },
    ],
  })
  expect(plan(occasion(act))).toMatchObject({ steps: [{ path: '0', spec: { kind: 'wait' } }] })
})

it('finds the function of earlier results again, wherever it stands, and calls it', () => {
  const act = (): Actions => [
    shell`date`,
    (results) => publish('a', results[0]),
    parallel([wait('1s'), (results) => publish('b', results.length)]),
    shell({ onFailure: [(_results, failure) => alert({ title: failure!.reason })] })`false`,
    () => parallel([(results) => publish('c', results[0]!['out'])]),
    () => false,
  ]
  const results = [{ out: 'today' }]
  const failure = { reason: 'exit code 1' }
  const ask = (path: string) => derive(occasion(act), path, results, failure)
  expect(ask('1')).toMatchObject({ spec: { topic: 'a', payload: { text: '{"out":"today"}' } } })
  expect(ask('2.1')).toMatchObject({ spec: { topic: 'b', payload: { text: '1' } } })
  expect(ask('3!0')).toMatchObject({ spec: { kind: 'alert', title: 'exit code 1' } })
  expect(ask('4')).toMatchObject({ spec: { kind: 'parallel', steps: [null] } })
  expect(ask('4.0')).toMatchObject({ spec: { topic: 'c', payload: { text: 'today' } } })
  expect(ask('5')).toEqual({ ok: true, spec: null })
})

it('finds the function of a call again', () => {
  const act = (): Actions => [
    () => call(() => 'deferred'),
    parallel([webhook('https://x.test', { onFailure: [call(() => 'failed')] })]),
  ]
  const ask = (path: string): unknown => {
    const found = findCall(occasion(act), path, [])
    return found.ok ? found.fn({} as never) : found.reason
  }
  expect(ask('0')).toBe('deferred')
  expect(ask('1.0!0')).toBe('failed')
  expect(ask('1.0')).toContain('does not lead to this step any more')
  expect(ask('7')).toContain('does not lead to this step any more')
})

it.each([
  [() => [shell`a`], 'an array; it returns one action'],
  [() => () => shell`a`, 'another function'],
  [() => 'x', 'a string'],
])('refuses what a function of earlier results must not return: %s', (fn, sentence) => {
  const answer = derive(
    occasion(() => [fn]),
    '0',
    [],
  )
  expect(answer).toMatchObject({ ok: false, reason: expect.stringContaining(sentence) as string })
})

it('finds a function again that reads what a stage made of the event', () => {
  const match = compileOne({
    do: ({ payload }: { readonly payload: unknown }) => [wait('1s'), (): Action => publish('out', payload)],
  }).matchOf('r', 't/x')!
  const before = { ...occasion(() => []), match, details: { payload: { state: 'failed' } } }
  const stored = JSON.parse(JSON.stringify(before.details)) as FiringDetails
  expect(derive({ ...before, details: stored }, '1', [{}])).toMatchObject({
    ok: true,
    spec: { kind: 'publish', topic: 'out', payload: { text: '{"state":"failed"}' } },
  })
})

it('hands `do` the moment of the firing, the raw bytes and the MQTT 5 properties', () => {
  const properties = encodePropertyBytes({
    contentType: 'text/x',
    userProperties: [
      ['a', '1'],
      ['a', '2'],
    ],
  })
  let seen: unknown[] = []
  const act = ((context: {
    now: number
    event: { payload: Uint8Array; contentType: string; userProperties: unknown }
  }) => {
    const { now, event } = context
    seen = [now, Buffer.from(event.payload).toString(), event.contentType, event.userProperties]
    return []
  }) as () => unknown
  plan(occasion(act, { properties }))
  expect(seen).toEqual([
    5,
    '{"a":1}',
    'text/x',
    [
      ['a', '1'],
      ['a', '2'],
    ],
  ])
})
