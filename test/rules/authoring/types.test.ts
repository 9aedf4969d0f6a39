// The language as the type checker sees it. Every type is first shown not to be `any`, which would fit everything.
//
// Covers `src/index.ts`.

import { expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import {
  client,
  cron,
  down,
  kill,
  publish,
  rule,
  secret,
  shell,
  silence,
  up,
  watch,
  webhook,
  will,
} from '../../../src/index.ts'
import type { Results } from '../../../src/index.ts'
import type { ProcessReport } from '../../../src/model/process.ts'
import type { PingReport } from '../../../src/model/probe.ts'
import type { Schema } from '../../../src/rules/validate/schema.ts'

it('gives params the names of the wildcards', () => {
  rule('one', {
    on: 'transmission/+host/#rest',
    do: ({ params, topic, now }) => {
      expectTypeOf(params).not.toBeAny()
      expectTypeOf(params).toEqualTypeOf<{ readonly host: string; readonly rest: string }>()
      expectTypeOf(topic).toEqualTypeOf<string>()
      expectTypeOf(now).toEqualTypeOf<number>()
      return []
    },
  })
  rule('several', {
    on: ['a/+x/+y', 'b/+x'],
    do: ({ params }) => {
      expectTypeOf(params.x).toEqualTypeOf<string>()
      expectTypeOf(params.y).toEqualTypeOf<string | undefined>()
      return []
    },
  })
  rule('none', {
    on: 'a/b',
    do: ({ params }) => {
      // @ts-expect-error -- there is no wildcard of this name
      void params.host
      return []
    },
  })
})

it('gives the payload the type of the schema, whichever library made it, and `unknown` without one', () => {
  rule('zod', {
    on: 'a',
    payload: z.object({ name: z.string(), size: z.coerce.number() }),
    when: ({ payload }) => {
      expectTypeOf(payload).not.toBeAny()
      expectTypeOf(payload).toEqualTypeOf<{ name: string; size: number }>()
      return payload.size > 3
    },
    key: ({ payload }) => payload.name,
    do: ({ payload }) => shell`echo ${payload.name}`,
  })
  const own: Schema<'on' | 'off'> = {
    '~standard': { version: 1, vendor: 'test', validate: () => ({ value: 'on' }) },
  }
  rule('own', {
    on: 'a',
    payload: own,
    do: ({ payload }) => {
      expectTypeOf(payload).toEqualTypeOf<'on' | 'off'>()
      return []
    },
  })
  rule('none', {
    on: 'a',
    do: ({ payload, event, last }) => {
      expectTypeOf(payload).not.toBeAny()
      expectTypeOf(payload).toBeUnknown()
      expectTypeOf(event.payload).toEqualTypeOf<Uint8Array>()
      expectTypeOf(last('x')?.payload).toBeUnknown()
      return []
    },
  })
})

it('gives what each trigger gives', () => {
  rule('will', {
    on: will('devices/+id/status'),
    do: ({ params }) => {
      expectTypeOf(params).not.toBeAny()
      expectTypeOf(params.id).toEqualTypeOf<string>()
      return []
    },
  })
  rule('client', {
    on: client('sensor-*', 'offline'),
    do: ({ params, payload }) => {
      expectTypeOf(params.id).toEqualTypeOf<string>()
      expectTypeOf(payload.reason).toEqualTypeOf<string>()
      return []
    },
  })
  rule('ping', {
    on: [down('router'), up('router')],
    do: ({ payload }) => {
      expectTypeOf(payload).not.toBeAny()
      expectTypeOf(payload).toEqualTypeOf<PingReport>()
      return []
    },
  })
  rule('cron', {
    on: cron('0 7 * * *', { timezone: 'Europe/Paris' }),
    do: ({ payload }) => {
      expectTypeOf(payload.missed).toEqualTypeOf<number>()
      return []
    },
  })
  rule('silence', {
    on: silence('sensors/+id/#', '10m'),
    do: ({ params }) => {
      expectTypeOf(params.id).toEqualTypeOf<string>()
      return []
    },
  })
  watch('processes', {
    cpu: { above: 90, for: '2m' },
    do: ({ process }) => {
      expectTypeOf(process).not.toBeAny()
      expectTypeOf(process).toEqualTypeOf<ProcessReport>()
      return kill(process, { grace: '10s' })
    },
  })
})

it('gives a function of earlier results their results', () => {
  rule('results', {
    on: 'a',
    do: () => [
      shell`date`,
      (results) => {
        expectTypeOf(results).not.toBeAny()
        expectTypeOf(results).toEqualTypeOf<Results>()
        return publish('b', results[0]?.['stdout'])
      },
    ],
  })
})

it('says in the compile error what is wrong', () => {
  const nothing = { do: () => [] }
  // @ts-expect-error -- # takes all that follows, so it must be the last level
  rule('r', { ...nothing, on: 'a/#/b' })
  // @ts-expect-error -- two wildcards of one name
  rule('r', { ...nothing, on: 'a/+x/+x' })
  // @ts-expect-error -- one of several is bad
  rule('r', { ...nothing, on: ['a/b', 'a/b+'] })
  // @ts-expect-error -- a trigger's filter is checked too
  expect(() => will('a/#/b')).not.toThrow()
  // @ts-expect-error -- a duration has a unit
  rule('r', { ...nothing, on: 'a', for: '5' })
  // @ts-expect-error -- a duration is no number
  rule('r', { ...nothing, on: 'a', debounce: 500 })
  // @ts-expect-error -- there is no such unit
  rule('r', { ...nothing, on: 'a', count: [3, '5 minutes'] })
  // @ts-expect-error -- a typo in a key
  rule('r', { ...nothing, on: 'a', debonce: '5s' })
  // @ts-expect-error -- `when` answers at once
  rule('r', { ...nothing, on: 'a', when: async () => true })
  // @ts-expect-error -- `do` returns data
  rule('r', { on: 'a', do: async () => [] })
  // @ts-expect-error -- only parallel and queued have a limit
  rule('r', { ...nothing, on: 'a', mode: ['single', 3] })
})

it('keeps secrets and unknown values out of commands', () => {
  // @ts-expect-error -- a secret is no argument
  expect(() => shell`curl ${secret('TOKEN')}`).toThrow('environment')
  const unknown: unknown = 'x'
  // @ts-expect-error -- give the payload a schema first
  expect(() => shell`echo ${unknown}`).not.toThrow()
  // @ts-expect-error -- nothing that may be missing
  expect(() => shell`echo ${undefined}`).toThrow('got undefined')
  expect(() => webhook('https://example.org', { auth: { bearer: secret('TOKEN') } })).not.toThrow()
})
