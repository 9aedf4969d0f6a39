// Guesses which topic was meant when a message is on none of a rule's filters, for `vigie explain` and for
// examples.

import { nearMiss } from '../../base/near-miss.ts'
import type { NamedFilter } from '../../topics/filters.ts'
import { topicMatches } from '../../topics/matches.ts'

/**
 * What stands between the topic and the filters, as the end of a sentence; `undefined` when they have nothing
 * in common.
 */
export function nearMissOf(topic: string, filters: readonly NamedFilter[]): string | undefined {
  return (
    variantOf(topic, filters) ?? first(filters, (filter) => misspelt(topic, filter) ?? uneven(topic, filter))
  )
}

/** Topics that people mix up with this one. */
function variantOf(topic: string, filters: readonly NamedFilter[]): string | undefined {
  const variants = [
    { meant: topic.replace(/\/$/, ''), difference: 'without the slash at the end' },
    { meant: `${topic}/`, difference: 'with a slash at the end' },
    { meant: topic.replace(/^\//, ''), difference: 'without the slash at the beginning' },
    { meant: `/${topic}`, difference: 'with a slash at the beginning' },
    { meant: topic.toLowerCase(), difference: 'in small letters' },
    { meant: topic.trim(), difference: 'without the white space round it' },
  ]
  return first(variants, ({ meant, difference }) =>
    meant !== '' && meant !== topic && filters.some(({ filter }) => topicMatches(filter, meant))
      ? `it would match ${JSON.stringify(meant)}: ${difference}`
      : undefined,
  )
}

/** One level is a slip of the pen away. */
function misspelt(topic: string, { filter, text }: NamedFilter): string | undefined {
  const levels = topic.split('/')
  return first([...filter.split('/').entries()], ([index, wanted]) => {
    const level = levels[index]
    if (level === undefined || nearMiss(level, [wanted]) === undefined || isWildcard(wanted)) return undefined
    const mended = levels.with(index, wanted).join('/')
    return topicMatches(filter, mended)
      ? `it waits for ${JSON.stringify(text)}: ${JSON.stringify(level)} is not ${JSON.stringify(wanted)}`
      : undefined
  })
}

/** Matches up to where the topic or the filter ends. */
function uneven(topic: string, { filter, text }: NamedFilter): string | undefined {
  const [levels, wanted] = [topic.split('/'), filter.split('/')]
  const shorter = Math.min(levels.length, wanted.length)
  if (levels.length === wanted.length || isWildcard(wanted[0]!)) return undefined
  if (!topicMatches(wanted.slice(0, shorter).join('/'), levels.slice(0, shorter).join('/'))) return undefined
  return (
    `it waits for ${JSON.stringify(text)}, which has ${count(wanted.length)}; this topic has ` +
    count(levels.length)
  )
}

const isWildcard = (level: string): boolean => level === '+' || level === '#'

const count = (levels: number): string => `${levels} level${levels === 1 ? '' : 's'}`

function first<T>(items: readonly T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
