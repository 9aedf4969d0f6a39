import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { paramsOf, parseNamedFilter } from '../../src/topics/filters.ts'
import { topicMatches } from '../../src/topics/matches.ts'
import { TopicError } from '../../src/topics/names.ts'
import { anyFilter, anyTopic } from './arbitrary.ts'

describe('a filter with named wildcards', () => {
  test.each([
    ['transmission/+host/done', 'transmission/+/done', 'transmission/nas/done', { host: 'nas' }],
    ['a/+x/#rest', 'a/+/#', 'a/1/b/c', { x: '1', rest: 'b/c' }],
    ['a/+x/#rest', 'a/+/#', 'a/1', { x: '1', rest: '' }],
    ['a/#rest', 'a/#', 'a/', { rest: '' }],
    ['a/#rest', 'a/#', 'a//b/', { rest: '/b/' }],
    ['#all', '#', 'a/b', { all: 'a/b' }],
    ['+a/+b', '+/+', '/', { a: '', b: '' }],
    ['+/+b/#', '+/+/#', 'x/y/z', { b: 'y' }],
    ['a/b', 'a/b', 'a/b', {}],
    ['$SYS/+what', '$SYS/+', '$SYS/uptime', { what: 'uptime' }],
    ['+$_1/+größe', '+/+', 'a/b', { $_1: 'a', größe: 'b' }],
  ])('%s is %s to MQTT, and gives the params of %s', (text, filter, topic, params) => {
    const parsed = parseNamedFilter(text)
    expect(parsed).toMatchObject({ text, filter })
    expect(paramsOf(parsed, topic)).toEqual(params)
  })

  test('tells its captures with their levels', () => {
    expect(parseNamedFilter('a/+x/+/#rest').captures).toEqual([
      { name: 'x', level: 1, rest: false },
      { name: 'rest', level: 3, rest: true },
    ])
  })

  test('may call a capture __proto__ without harm', () => {
    const params = paramsOf(parseNamedFilter('a/+__proto__'), 'a/b')
    expect(Object.entries(params)).toEqual([['__proto__', 'b']])
    expect(Object.getPrototypeOf(params)).toBe(Object.prototype)
  })

  test.each([
    ['', 'The topic filter is empty; it needs at least one character.'],
    [
      'a/#rest/b',
      'The topic filter "a/#rest/b" has # in level 2 of 3 ("#"); # must stand alone in the last level, as in "a/#".',
    ],
    [
      '+x/room+y',
      'The topic filter "+x/room+y" has + inside level 2 ("room+y"); + must be a whole level, as in "+/+".',
    ],
    [
      'a/+device-id',
      'The topic filter "a/+device-id" names a wildcard "+device-id", but "device-id" is not a JavaScript name; ' +
        'use letters, digits and _, and no digit first, as in "+room1".',
    ],
    [
      'a/#1',
      'The topic filter "a/#1" names a wildcard "#1", but "1" is not a JavaScript name; ' +
        'use letters, digits and _, and no digit first, as in "+room1".',
    ],
    ['+x/#x', 'The topic filter "+x/#x" names two wildcards "x"; give each its own name, as in "+x/+x2".'],
    [
      '$share/g/a',
      'The topic filter "$share/g/a" asks for a shared subscription; a rule sees every message by itself: leave "$share/group/" out.',
    ],
  ])('is refused with a sentence: %s', (text, sentence) => {
    expect(() => parseNamedFilter(text)).toThrow(new TopicError(sentence))
  })

  test('with each wildcard named, its params put into the filter give the topic back', () => {
    fc.assert(
      fc.property(anyFilter, anyTopic, (filter, topic) => {
        fc.pre(topicMatches(filter, topic))
        const named = filter.split('/').map((level, at) => (/^[+#]/.test(level) ? `${level}n${at}` : level))
        const params = paramsOf(parseNamedFilter(named.join('/')), topic)
        const back = named.map((level) => (/^[+#]/.test(level) ? params[level.slice(1)] : level)).join('/')
        // `a/#rest` cannot tell `a` from `a/`
        expect([topic, `${topic}/`]).toContain(back)
      }),
    )
  })
})
