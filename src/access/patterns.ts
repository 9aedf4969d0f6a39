// Topic patterns of permissions: MQTT filters in which %u and %c stand for the user and the client id.
//
// Always: what is filled in is part of one plain level, compared letter by letter. A user called `+`, `#` or
// `a/b` widens nothing: no topic has such a level, so the pattern then matches none.

/** A filter taken apart: a level is its text, or `null` for `+`; `rest` says that `#` follows. */
export interface Pattern {
  readonly levels: readonly (string | null)[]
  readonly rest: boolean
}

export interface Names {
  readonly user: string | null
  readonly client: string
}

/** Fills the names in; undefined when the pattern speaks of the user and there is none. */
export function parsePattern(text: string, names: Names): Pattern | undefined {
  if (names.user === null && namesUser(text)) return undefined
  return parse(text, (level) => fill(level, names))
}

/** A filter that a client subscribes to, which has no names to fill in. */
export const parseFilter = (text: string): Pattern => parse(text, (level) => level)

/** Whether the pattern contains `%c`, so that it differs between the clients of one user. */
export const namesClient = (text: string): boolean => /%c/.test(text.replaceAll('%%', ''))
const namesUser = (text: string): boolean => /%u/.test(text.replaceAll('%%', ''))

export function matches({ levels, rest }: Pattern, topic: readonly string[]): boolean {
  if (levels.length > topic.length || (!rest && levels.length !== topic.length)) return false
  if (beginsWild({ levels, rest }) && topic[0]!.startsWith('$')) return false // [MQTT-4.7.2-1]
  return levels.every((level, index) => level === null || level === topic[index])
}

/** Whether the pattern matches every topic that the filter can match. */
export function covers(pattern: Pattern, filter: Pattern): boolean {
  const { levels, rest } = pattern
  if (!rest && (filter.rest || levels.length !== filter.levels.length)) return false
  if (levels.length > filter.levels.length) return false
  if (beginsWild(pattern) && isHidden(filter)) return false
  return levels.every((level, index) => level === null || level === filter.levels[index])
}

/** Whether some topic matches both. */
export function meets(pattern: Pattern, filter: Pattern): boolean {
  if ((beginsWild(pattern) && isHidden(filter)) || (beginsWild(filter) && isHidden(pattern))) return false
  const [short, long] = pattern.levels.length < filter.levels.length ? [pattern, filter] : [filter, pattern]
  if (short.levels.length !== long.levels.length && !short.rest) return false
  return short.levels.every((level, index) => {
    const other = long.levels[index]
    return level === null || other === null || level === other
  })
}

function parse(text: string, levelOf: (level: string) => string): Pattern {
  const levels = text.split('/')
  const rest = levels.at(-1) === '#'
  if (rest) levels.pop()
  return { levels: levels.map((level) => (level === '+' ? null : levelOf(level))), rest }
}

const fill = (level: string, { user, client }: Names): string =>
  level.replaceAll(/%[uc%]/g, (sign) => (sign === '%u' ? user! : sign === '%c' ? client : '%'))

const beginsWild = ({ levels }: Pattern): boolean => levels.length === 0 || levels[0] === null
const isHidden = ({ levels }: Pattern): boolean => levels[0]?.startsWith('$') ?? false
