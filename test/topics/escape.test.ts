// Covers `src/topics/alert-topic.ts`.

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { alertTopic, topicLevel } from '../../src/index.ts'
import { textOfLevel, topicLevels } from '../../src/topics/escape.ts'
import { topicNameProblem } from '../../src/topics/names.ts'

describe('text from outside as a part of a topic', () => {
  test.each([
    ['sensor-1', 'sensor-1'],
    ['a/b', 'a%2Fb'],
    ['a+#%', 'a%2B%23%25'],
    ['a\0\n', 'a%00%0A'],
    ['\uD800', '\uFFFD'],
  ])('%j is the level %j', (text, level) => {
    expect(topicLevel(text)).toBe(level)
  })

  test('keeps its levels where that is asked for', () => {
    expect(topicLevels('disk/nas+1')).toBe('disk/nas%2B1')
  })

  test('is always legal, one level, and can be read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
        const level = topicLevel(text)
        expect(level).not.toContain('/')
        expect(topicNameProblem(`a/${level}`)).toBeUndefined()
        expect(textOfLevel(level)).toBe(text)
        expect(textOfLevel(topicLevels(text))).toBe(text)
      }),
    )
  })
})

describe('the topic of an alert', () => {
  test('can be published to and found again, whatever its key', () => {
    expect(alertTopic('disk/nas')).toBe('vigie/alerts/disk/nas')
    expect(alertTopic('disk', 'home')).toBe('home/alerts/disk')
    expect(alertTopic('build-feature%2Fx')).toBe('vigie/alerts/build-feature%252Fx')
    expect(alertTopic('a+b/#/c%\0\n\uD800')).toBe('vigie/alerts/a%2Bb/%23/c%25%00%0A\uFFFD')
    const long = alertTopic('x'.repeat(100_000))
    expect(long).toMatch(/^vigie\/alerts\/x{256}-[0-9a-f]{16}$/)
    expect(alertTopic(`${'x'.repeat(100_000)}y`)).not.toBe(long)
  })
})
