import { expect, test } from 'vitest'

import { topicMatches } from '../../src/topics/matches.ts'
import { MATCHING } from './matching.table.ts'

test.each(MATCHING)('%s against %s is %s', (filter, topic, matches) => {
  expect(topicMatches(filter, topic)).toBe(matches)
})
