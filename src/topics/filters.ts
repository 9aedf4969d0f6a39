/**
 * The filters of the rule language: MQTT filters whose wildcards may have names, `transmission/+host/done`
 * and `a/+x/#rest`. In MQTT `+host` and `#rest` are illegal, so nothing that is legal there changes its
 * meaning here; bare `+` and `#` stay what they are. `capture-types.ts` says the same to the type checker.
 */

import { isShared, quote, topicFilterProblem, TopicError } from './names.ts'

export type Capture = {
  readonly name: string
  /** The index of the level, from 0. */
  readonly level: number
  /** `true` when the capture takes this level and all below it. */
  readonly rest: boolean
}

export type NamedFilter = {
  /** The filter as the author wrote it. */
  readonly text: string
  /** The filter as MQTT knows it, without the names. */
  readonly filter: string
  readonly captures: readonly Capture[]
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u

/** Throws a TopicError with a sentence for the author of the rule. */
export function parseNamedFilter(text: string): NamedFilter {
  if (isShared(text)) {
    throw new TopicError(
      `The topic filter ${quote(text)} asks for a shared subscription; a rule sees every message by itself: ` +
        'leave "$share/group/" out.',
    )
  }
  const captures: Capture[] = []
  const levels = text.split('/')
  const plain = levels.map((level, index) => {
    const sign = level[0]
    if (level.length === 1 || (sign !== '+' && sign !== '#')) return level
    const name = level.slice(1)
    requireGoodName(text, level, name, captures)
    captures.push({ name, level: index, rest: sign === '#' })
    return sign
  })
  const filter = plain.join('/')
  const problem = topicFilterProblem(filter, text)
  if (problem !== undefined) throw new TopicError(problem)
  return { text, filter, captures }
}

/**
 * The named parts of a topic that matches: `{ host: 'nas' }`. `#rest` gives the remaining levels joined by
 * `/`, and '' where the topic ends at the parent level.
 */
export function paramsOf(filter: NamedFilter, topic: string): Readonly<Record<string, string>> {
  const levels = topic.split('/')
  // fromEntries, because a capture may be called __proto__
  return Object.fromEntries(
    filter.captures.map(({ name, level, rest }) => [
      name,
      rest ? levels.slice(level).join('/') : (levels[level] ?? ''),
    ]),
  )
}

function requireGoodName(text: string, level: string, name: string, earlier: readonly Capture[]): void {
  if (!IDENTIFIER.test(name)) {
    throw new TopicError(
      `The topic filter ${quote(text)} names a wildcard ${quote(level)}, but ${quote(name)} is not a ` +
        'JavaScript name; ' +
        'use letters, digits and _, and no digit first, as in "+room1".',
    )
  }
  if (earlier.some((capture) => capture.name === name)) {
    throw new TopicError(
      `The topic filter ${quote(text)} names two wildcards ${quote(name)}; give each its own name, ` +
        `as in "+${name}/+${name}2".`,
    )
  }
}
