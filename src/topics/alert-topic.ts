// The topic of an alert, for whoever raises it, resolves it, or looks it up with `last`.

import { createHash } from 'node:crypto'
import { topicLevels } from './escape.ts'

/** Keys are often made of payloads, which can have any length. */
const LONGEST_KEY = 256

/**
 * The topic of the retained message of an alert. Levels of the key stay levels of the topic; what a topic
 * cannot hold is escaped as in an address (`%2B` for `+`). A key of more than 256 characters keeps its
 * beginning, and gets a digest of the whole.
 * @param root first level of the hub's own topics, as configured
 */
export function alertTopic(key: string, root = 'vigie'): string {
  const wellFormed = key.toWellFormed()
  const short =
    wellFormed.length <= LONGEST_KEY
      ? wellFormed
      : `${wellFormed.slice(0, LONGEST_KEY).toWellFormed()}-${digestOf(wellFormed)}`
  return `${root}/alerts/${topicLevels(short)}`
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)
