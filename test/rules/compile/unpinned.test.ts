import { expect, test } from 'vitest'
import { rule } from '../../../src/index.ts'
import type { Rule } from '../../../src/index.ts'
import { compile } from '../../../src/rules/compile.ts'
import { unpinnedSentences } from '../../../src/rules/compile/unpinned.ts'

const FILTERS = ['orders/#']
const sentences = (dispatch: 'any' | 'by-topic', ...rules: Rule[]) =>
  unpinnedSentences(compile([{ file: 'rules/r.ts', exports: { default: rules } }], { root: 'vigie' }), {
    filters: FILTERS,
    dispatch,
  })
const named = (more: object, on = 'orders/+id'): Rule => rule('work', { on, do: () => [], ...more })

test('names the two ways to pin a key, for a rule that remembers', () => {
  expect(sentences('any', named({ dedupe: { key: () => '', window: '1m' }, count: [3, '1m'] }))).toEqual([
    expect.stringMatching(
      /rule "work": dedupe, count needs all messages of a key at one hub, and messages of one key may come to several hubs of the group\. Let the broker dispatch by a hash of the topic, or split the filters between the hubs by hand; then say attach: \{ dispatch: 'by-topic' \}\.$/,
    ),
  ])
})

test.each([
  ['remembers nothing', named({})],
  ['reads other topics', named({ throttle: '1m' }, 'other/+id')],
  ['is switched off', named({ throttle: '1m', enabled: false })],
])('says nothing of a rule that %s', (_what, one) => {
  expect(sentences('any', one)).toEqual([])
})

test('is content with a key of one topic where all messages of a topic come to one hub', () => {
  expect(sentences('by-topic', named({ throttle: '1m' }))).toEqual([])
  expect(sentences('by-topic', named({ throttle: '1m', key: () => 'all' }))).toHaveLength(1)
  expect(sentences('by-topic', named({ throttle: '1m' }, 'orders/+'))[0]).toContain('spans several topics')
})
