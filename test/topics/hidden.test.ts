import { expect, it } from 'vitest'
import { hidesDollar, hidesRoot } from '../../src/topics/hidden.ts'
import { topicMatches } from '../../src/topics/matches.ts'

it.each([
  ['#', 'vigie/clients/a', false],
  ['#', 'vigie', false],
  ['+', 'vigie', false],
  ['+/clients/a', 'vigie/clients/a', false],
  ['+/#', 'vigie/clients/a', false],
  ['#', '$SYS/uptime', false],
  ['vigie/#', 'vigie/clients/a', true],
  ['vigie/#', 'vigie', true],
  ['vigie/+/a', 'vigie/clients/a', true],
  ['#', 'vigies/a', true],
  ['#', 'a/vigie', true],
  ['+/+', '/vigie', true],
])('where vigie is hidden, %s against %s is %s', (filter, topic, matches) => {
  expect(topicMatches(filter, topic, hidesRoot('vigie'))).toBe(matches)
})

it('hides no more than MQTT does without a root', () => {
  expect(hidesRoot(null)).toBe(hidesDollar)
  expect(topicMatches('#', 'vigie/clients/a')).toBe(true)
})
