import { describe, expect, test } from 'vitest'

import {
  levelCount,
  parseSubscription,
  TopicError,
  topicFilterProblem,
  topicNameProblem,
} from '../../src/topics/names.ts'
import { MATCHING } from './matching.table.ts'

const LONGEST = 'é'.repeat(32_767) + 'e' // 65,535 bytes

describe('topic names', () => {
  test.each([...new Set(MATCHING.map(([, topic]) => topic)), LONGEST, '/'.repeat(65_535)])(
    'the name %.40s is good',
    (name) => {
      expect(topicNameProblem(name)).toBeUndefined()
    },
  )

  test.each([
    ['', 'The topic name is empty; it needs at least one character.'],
    ['a/b\0c', 'The topic name "a/b\\x00c" holds U+0000 in level 2; MQTT forbids it: take it out.'],
    [
      'a/+/c',
      'The topic name "a/+/c" holds the wildcard + in level 2; wildcards belong in filters: publish to a name without + and #.',
    ],
    [
      'a#',
      'The topic name "a#" holds the wildcard # in level 1; wildcards belong in filters: publish to a name without + and #.',
    ],
    [
      'a/\ud800',
      'The topic name "a/\\ud800" holds half of a surrogate pair, which UTF-8 cannot carry; take it out.',
    ],
    [
      `${LONGEST}e`,
      `The topic name "${'é'.repeat(79)}…" is 65536 bytes long in UTF-8; MQTT allows 65535: shorten it.`,
    ],
  ])('the name %.40s is refused with a sentence', (name, sentence) => {
    expect(topicNameProblem(name)).toBe(sentence)
  })
})

describe('topic filters', () => {
  test.each([...new Set(MATCHING.map(([filter]) => filter)), LONGEST])(
    'the filter %.40s is good',
    (filter) => {
      expect(topicFilterProblem(filter)).toBeUndefined()
    },
  )

  test.each([
    ['', 'The topic filter is empty; it needs at least one character.'],
    [
      'a/b#',
      'The topic filter "a/b#" has # in level 2 of 2 ("b#"); # must stand alone in the last level, as in "a/#".',
    ],
    [
      'a/#/b',
      'The topic filter "a/#/b" has # in level 2 of 3 ("#"); # must stand alone in the last level, as in "a/#".',
    ],
    [
      '##',
      'The topic filter "##" has # in level 1 of 1 ("##"); # must stand alone in the last level, as in "#".',
    ],
    [
      '+/b+/#',
      'The topic filter "+/b+/#" has + inside level 2 ("b+"); + must be a whole level, as in "+/+".',
    ],
    ['a/++', 'The topic filter "a/++" has + inside level 2 ("++"); + must be a whole level, as in "a/+".'],
    ['+/\0', 'The topic filter "+/\\x00" holds U+0000 in level 2; MQTT forbids it: take it out.'],
    [
      `${'/'.repeat(65_535)}#`,
      `The topic filter "${'/'.repeat(79)}…" is 65536 bytes long in UTF-8; MQTT allows 65535: shorten it.`,
    ],
  ])('the filter %.40s is refused with a sentence', (filter, sentence) => {
    expect(topicFilterProblem(filter)).toBe(sentence)
  })
})

describe('subscriptions', () => {
  test.each([
    ['a/+/#', undefined, 'a/+/#'],
    ['$share', undefined, '$share'],
    ['$shared/g/a', undefined, '$shared/g/a'],
    ['$share/g/a/+/#', 'g', 'a/+/#'],
    ['$share/g//', 'g', '/'],
    ['$share/g/$SYS/#', 'g', '$SYS/#'],
  ])('%s is taken apart', (text, group, filter) => {
    expect(parseSubscription(text)).toEqual({ group, filter })
  })

  const hint = 'write "$share/group/filter".'
  test.each([
    ['$share/', `The shared subscription "$share/" names no group; ${hint}`],
    ['$share//a', `The shared subscription "$share//a" names no group; ${hint}`],
    ['$share/g', `The shared subscription "$share/g" has no filter after its group; ${hint}`],
    ['$share/g/', `The shared subscription "$share/g/" has no filter after its group; ${hint}`],
    [
      '$share/+/a',
      `The shared subscription "$share/+/a" has a wildcard in its group "+"; a group is one plain level: ${hint}`,
    ],
    [
      '$share/g#/a',
      `The shared subscription "$share/g#/a" has a wildcard in its group "g#"; a group is one plain level: ${hint}`,
    ],
    [
      '$share/g/a/b#',
      'The topic filter "a/b#" has # in level 2 of 2 ("b#"); # must stand alone in the last level, as in "a/#".',
    ],
    [
      '$share/g\0/a',
      'The shared subscription "$share/g\\x00/a" holds U+0000 in level 2; MQTT forbids it: take it out.',
    ],
    ['a/b+', 'The topic filter "a/b+" has + inside level 2 ("b+"); + must be a whole level, as in "a/+".'],
  ])('%s is refused with a sentence', (text, sentence) => {
    expect(() => parseSubscription(text)).toThrow(new TopicError(sentence))
  })
})

test.each([
  ['a', 1],
  ['/', 2],
  ['a//b', 3],
  ['/'.repeat(65_535), 65_536],
])('the levels of %.20s are counted, empty ones too', (topic, count) => {
  expect(levelCount(topic)).toBe(count)
})
