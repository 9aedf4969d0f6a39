// The topics of an alert, for whoever raises it, resolves it, says what becomes of it, or looks it up with
// `last`.

import { createHash } from 'node:crypto'
import { textOfLevel, topicLevels } from './escape.ts'

/** Keys are often made of payloads, which can have any length. */
const LONGEST_KEY = 256
/** A key that has been shortened stays as it is. */
const SHORTENED = new RegExp(`^[^]{${LONGEST_KEY}}-[0-9a-f]{16}$`)

/**
 * The topic of the retained message of an alert. Levels of the key stay levels of the topic; what a topic
 * cannot hold is escaped as in an address (`%2B` for `+`). A key of more than 256 characters keeps its
 * beginning, and gets a digest of the whole.
 * @param root first level of the hub's own topics, as configured
 */
export const alertTopic = (key: string, root = 'vigie'): string =>
  `${root}/alerts/${topicLevels(shortKey(key))}`

/**
 * The topic on which the alert of a key is told what becomes of it.
 * @param verb `raise`, `resolve`, `ack`, `unack`, `silence`, `unsilence`
 */
export const alertCommandTopic = (key: string, verb: string, root = 'vigie'): string =>
  `${commandsUnder(root)}${topicLevels(shortKey(key))}/${verb}`

/** Every command about alerts. */
export const alertCommandFilter = (root: string): string => `${commandsUnder(root)}#`

/** The key and the verb of a command; `null` for a topic that is none. */
export function alertCommandIn(
  topic: string,
  root: string,
): { readonly key: string; readonly verb: string } | null {
  const prefix = commandsUnder(root)
  if (!topic.startsWith(prefix)) return null
  const path = topic.slice(prefix.length)
  const end = path.lastIndexOf('/')
  return { key: shortKey(textOfLevel(path.slice(0, Math.max(0, end)))), verb: path.slice(end + 1) }
}

const commandsUnder = (root: string): string => `${root}/commands/alerts/`

function shortKey(key: string): string {
  const wellFormed = key.toWellFormed()
  return wellFormed.length <= LONGEST_KEY || SHORTENED.test(wellFormed)
    ? wellFormed
    : `${wellFormed.slice(0, LONGEST_KEY).toWellFormed()}-${digestOf(wellFormed)}`
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)
