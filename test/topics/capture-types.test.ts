// These tests are run by the type checker: each `@ts-expect-error` must stand over an error, each type must be the one said.

import { describe, expectTypeOf, test } from 'vitest'

import type { CheckTopic, Params, TopicLiteral } from '../../src/topics/capture-types.ts'

/** Takes a filter as a rule does. */
function on<const T extends TopicLiteral>(declaration: {
  on: CheckTopic<T>
  do: (params: Params<T>) => void
}): CheckTopic<T> {
  return declaration.on
}

describe('the params of a filter', () => {
  test('are not any', () => {
    expectTypeOf<Params<'a/+x'>>().not.toBeAny()
    expectTypeOf<Params<'a/+x'>['x']>().not.toBeAny()
    expectTypeOf<Params<string>>().not.toBeAny()
    expectTypeOf<Params<readonly ['a/+x', '+y']>>().not.toBeAny()
  })

  test('are its named wildcards, as strings', () => {
    expectTypeOf<Params<'transmission/+host/done'>>().toEqualTypeOf<{ readonly host: string }>()
    expectTypeOf<Params<'a/+x/#rest'>>().toEqualTypeOf<{ readonly x: string; readonly rest: string }>()
    expectTypeOf<Params<'#all'>>().toEqualTypeOf<{ readonly all: string }>()
    expectTypeOf<Params<'+a//+b/'>>().toEqualTypeOf<{ readonly a: string; readonly b: string }>()
  })

  test('are none where no wildcard has a name', () => {
    expectTypeOf(on({ on: 'a/b', do: () => {} })).toEqualTypeOf<'a/b'>()
    // @ts-expect-error there is no param
    on({ on: 'a/b', do: ({ a }) => a })
    // @ts-expect-error there is no param
    on({ on: '+/b/#', do: ({ b }) => b })
  })

  test('of several filters are sure where all of them name it', () => {
    expectTypeOf<Params<'a/+x/+y' | 'b/+x'>>().toEqualTypeOf<{
      readonly x: string
      readonly y: string | undefined
    }>()
    expectTypeOf<Params<readonly ['a/+x', 'b/+x/#rest', 'c/+x']>>().toEqualTypeOf<{
      readonly x: string
      readonly rest: string | undefined
    }>()
    expectTypeOf<Params<readonly ['a/+x', 'b']>>().toEqualTypeOf<{ readonly x: string | undefined }>()
  })

  test('may be anything where the filter is not known before the program runs', () => {
    expectTypeOf<Params<string>>().toEqualTypeOf<Readonly<Record<string, string>>>()
    expectTypeOf<Params<string[]>>().toEqualTypeOf<Readonly<Record<string, string>>>()
    expectTypeOf<Params<`home/${string}/+x`>>().toEqualTypeOf<{ readonly x: string }>()
  })

  test('hold for 200 levels', () => {
    type Ten<T extends string> = `${T}${T}${T}${T}${T}${T}${T}${T}${T}${T}`
    expectTypeOf<Params<`${Ten<Ten<'a/b/'>>}+x`>>().toEqualTypeOf<{ readonly x: string }>()
    expectTypeOf<
      CheckTopic<`${Ten<Ten<'a/b/'>>}+x/+x`>
    >().toEqualTypeOf<'Two wildcards are named x; give each its own name, as in +x2'>()
  })
})

describe('the literal that the author writes', () => {
  test('is inferred, alone and in an array', () => {
    const one = on({
      on: 'a/+x',
      do: (params) => expectTypeOf(params).toEqualTypeOf<{ readonly x: string }>(),
    })
    expectTypeOf(one).toEqualTypeOf<'a/+x'>()
    const two = on({
      on: ['a/+x', 'b/+x/#rest'],
      do: (params) =>
        expectTypeOf(params).toEqualTypeOf<{ readonly x: string; readonly rest: string | undefined }>(),
    })
    expectTypeOf(two).toEqualTypeOf<readonly ['a/+x', 'b/+x/#rest']>()
    const topic: string = 'a'
    on({
      on: topic,
      do: (params) => expectTypeOf(params).toEqualTypeOf<Readonly<Record<string, string>>>(),
    })
    // @ts-expect-error there is no such param
    on({ on: 'a/+host', do: ({ hots }) => hots })
  })

  test('is an error in the place where it is bad', () => {
    expectTypeOf(on({ on: ['a/b'], do: () => {} })).toEqualTypeOf<readonly ['a/b']>()
    // @ts-expect-error a/b#
    on({ on: 'a/b#', do: () => {} })
    on({
      on: [
        'a/+x',
        // @ts-expect-error a/b#, and only this line
        'a/b#',
      ],
      do: () => {},
    })
  })
})

describe('a bad filter', () => {
  test('reads as a sentence', () => {
    expectTypeOf<
      CheckTopic<''>
    >().toEqualTypeOf<'This topic filter is empty; it needs at least one character'>()
    expectTypeOf<
      CheckTopic<'a/b#'>
    >().toEqualTypeOf<'# must begin its level, and be the last one; here it stands inside of b#'>()
    expectTypeOf<
      CheckTopic<'a/#/b'>
    >().toEqualTypeOf<'# takes all that follows, so it must be the last level; here b comes after it'>()
    expectTypeOf<
      CheckTopic<'#rest/b/c'>
    >().toEqualTypeOf<'#rest takes all that follows, so it must be the last level; here b/c comes after it'>()
    expectTypeOf<
      CheckTopic<'room+x/a'>
    >().toEqualTypeOf<'+ must begin its level; here it stands inside of room+x'>()
    expectTypeOf<
      CheckTopic<'+device-id/a'>
    >().toEqualTypeOf<'+device-id names a wildcard, but device-id is not a JavaScript name; use letters, digits and _, and no digit first'>()
    expectTypeOf<
      CheckTopic<'+1/a'>
    >().toEqualTypeOf<'+1 names a wildcard, but 1 is not a JavaScript name; use letters, digits and _, and no digit first'>()
    expectTypeOf<
      CheckTopic<'++'>
    >().toEqualTypeOf<'++ names a wildcard, but + is not a JavaScript name; use letters, digits and _, and no digit first'>()
    expectTypeOf<
      CheckTopic<'+x/#x'>
    >().toEqualTypeOf<'Two wildcards are named x; give each its own name, as in #x2'>()
    expectTypeOf<
      CheckTopic<'a\0b'>
    >().toEqualTypeOf<'This topic filter holds U+0000; MQTT forbids it: take it out'>()
    expectTypeOf<
      CheckTopic<'$share/g/a'>
    >().toEqualTypeOf<'A rule sees every message by itself: leave $share/group/ out of its topic filter'>()
  })

  test('is the only one with a sentence: a good one stays itself', () => {
    expectTypeOf<CheckTopic<'a/+x/#rest'>>().toEqualTypeOf<'a/+x/#rest'>()
    expectTypeOf<CheckTopic<'+/#'>>().toEqualTypeOf<'+/#'>()
    expectTypeOf<CheckTopic<'/'>>().toEqualTypeOf<'/'>()
    expectTypeOf<CheckTopic<'$SYS/+$_größe1'>>().toEqualTypeOf<'$SYS/+$_größe1'>()
    expectTypeOf<CheckTopic<string>>().toEqualTypeOf<string>()
    expectTypeOf<CheckTopic<readonly ['a', '+b']>>().toEqualTypeOf<readonly ['a', '+b']>()
  })
})
