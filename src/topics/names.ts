/**
 * What makes a topic name or a topic filter legal, told as a sentence for whoever wrote it. A `…Problem`
 * function answers with that sentence, or with undefined when there is nothing to say. Names are compared as
 * they stand: nothing here or below normalises a character. // [MQTT-4.7.3-4] [v3 MQTT-4.7.3-4]
 */

import { printable } from '../base/printable.ts'

/**
 * A topic that breaks the rules of MQTT. `malformed` means that the bytes are no UTF-8 string as MQTT has it.
 */
export class TopicError extends Error {
  override readonly name = 'TopicError'
  readonly reason: 'malformed' | 'invalid'

  constructor(problem: string, reason: 'malformed' | 'invalid' = 'invalid') {
    super(problem)
    this.reason = reason
  }
}

/** The filter of one subscription, and for a shared subscription its group. */
export type Subscription = { readonly group: string | undefined; readonly filter: string }

const MAX_TOPIC_BYTES = 65_535

const SHARE = '$share/'

/**
 * Whether this is the topic on which a bridge of Mosquitto publishes its state. It is the only kind of topic
 * under $SYS that clients publish to.
 */
export const isBridgeState = (topic: string): boolean =>
  /^\$SYS\/broker\/connection\/[^/]+\/state$/.test(topic)

export function topicNameProblem(name: string): string | undefined {
  const problem = textProblem('topic name', name)
  if (problem !== undefined) return problem
  const at = name.search(/[+#]/)
  if (at === -1) return undefined
  // [MQTT-4.7.0-1] [MQTT-3.3.2-2] [v3 MQTT-4.7.1-1] [v3 MQTT-3.3.2-2]
  return (
    `The topic name ${quote(name)} holds the wildcard ${name[at]} in level ${levelAt(name, at)}; ` +
    'wildcards belong in filters: publish to a name without + and #.'
  )
}

/** `shown` is what the sentence calls the filter, where its author wrote it in another way. */
export function topicFilterProblem(filter: string, shown = filter): string | undefined {
  const problem = textProblem('topic filter', filter)
  if (problem !== undefined) return problem
  if (!/[+#]/.test(filter)) return undefined
  const levels = filter.split('/')
  const bad = levels.findIndex((level, index) => isMisplaced(level, index === levels.length - 1))
  if (bad === -1) return undefined
  const level = levels[bad]!
  const where = `The topic filter ${quote(shown)} has`
  const before = levels.slice(0, bad).map((each) => `${each}/`)
  if (level.includes('#')) {
    // [MQTT-4.7.1-1] [v3 MQTT-4.7.1-2]
    return (
      `${where} # in level ${bad + 1} of ${levels.length} (${quote(level)}); ` +
      `# must stand alone in the last level, as in ${quote(`${before.join('')}#`)}.`
    )
  }
  // [MQTT-4.7.1-2] [v3 MQTT-4.7.1-3]
  return (
    `${where} + inside level ${bad + 1} (${quote(level)}); ` +
    `+ must be a whole level, as in ${quote(`${before.join('')}+`)}.`
  )
}

function isMisplaced(level: string, isLast: boolean): boolean {
  if (level.includes('#')) return level !== '#' || !isLast
  return level.includes('+') && level !== '+'
}

export function isShared(filter: string): boolean {
  return filter.startsWith(SHARE)
}

/**
 * Takes the filter of a SUBSCRIBE or UNSUBSCRIBE apart; throws a TopicError with the sentence that says what
 * is wrong.
 */
export function parseSubscription(text: string): Subscription {
  const problem = isShared(text) ? shareProblem(text) : topicFilterProblem(text)
  if (problem !== undefined) throw new TopicError(problem)
  if (!isShared(text)) return { group: undefined, filter: text }
  const slash = text.indexOf('/', SHARE.length)
  return { group: text.slice(SHARE.length, slash), filter: text.slice(slash + 1) }
}

/** The number of levels of a name or a filter; `a//b` has three. */
export function levelCount(topic: string): number {
  let count = 1
  for (let at = topic.indexOf('/'); at !== -1; at = topic.indexOf('/', at + 1)) count++
  return count
}

/** Makes text from outside fit for a sentence: quoted, escaped, and not longer than a line. */
export function quote(text: string): string {
  return `"${printable(text, 80)}"`
}

function shareProblem(text: string): string | undefined {
  const long = textProblem('shared subscription', text)
  if (long !== undefined) return long
  const where = `The shared subscription ${quote(text)}`
  const hint = 'write "$share/group/filter".'
  const slash = text.indexOf('/', SHARE.length)
  const group = slash === -1 ? text.slice(SHARE.length) : text.slice(SHARE.length, slash)
  if (group === '') return `${where} names no group; ${hint}` // [MQTT-4.8.2-1]
  if (/[+#]/.test(group)) {
    // [MQTT-4.8.2-2]
    return `${where} has a wildcard in its group ${quote(group)}; a group is one plain level: ${hint}`
  }
  // [MQTT-4.8.2-2]
  if (slash === -1 || slash === text.length - 1) return `${where} has no filter after its group; ${hint}`
  return topicFilterProblem(text.slice(slash + 1))
}

function textProblem(what: string, text: string): string | undefined {
  if (text === '') return `The ${what} is empty; it needs at least one character.` // [MQTT-4.7.3-1]
  const nul = text.indexOf('\0')
  if (nul !== -1) {
    // [MQTT-4.7.3-2] [MQTT-1.5.4-2] [v3 MQTT-4.7.3-2]
    return `The ${what} ${quote(text)} holds U+0000 in level ${levelAt(text, nul)}; MQTT forbids it: take it out.`
  }
  if (!text.isWellFormed()) {
    // [MQTT-1.5.4-1]
    return `The ${what} ${quote(text)} holds half of a surrogate pair, which UTF-8 cannot carry; take it out.`
  }
  const bytes = text.length * 3 <= MAX_TOPIC_BYTES ? 0 : Buffer.byteLength(text)
  if (bytes > MAX_TOPIC_BYTES) {
    // [MQTT-4.7.3-3] [v3 MQTT-4.7.3-3]
    return `The ${what} ${quote(text)} is ${bytes} bytes long in UTF-8; MQTT allows ${MAX_TOPIC_BYTES}: shorten it.`
  }
  return undefined
}

function levelAt(text: string, at: number): number {
  return levelCount(text.slice(0, at))
}
