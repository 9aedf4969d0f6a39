// The range of topic names in which all lie that a topic filter can match, so that SQLite finds them by index.

/**
 * @param after only names after this one; empty: all. It is part of the range because SQLite would step over every
 *   name of the pages before if it were a condition beside it.
 * @returns the first name of the range, and the first after it
 */
export function namesFor(filter: string, after = ''): [from: string, below: string] {
  const [from, below] = namesOf(filter)
  return [after === '' || isBefore(after, from) ? from : `${after}\0`, below]
}

function namesOf(filter: string): [from: string, below: string] {
  const wildcard = filter.search(/[+#]/)
  if (wildcard === -1) return [filter, `${filter}\0`]
  // The names that begin with the text before the first wildcard. `a/#` matches `a` too.
  const prefix = filter.slice(0, wildcard).replace(/\/$/, '')
  return [prefix, `${prefix}\u{10FFFF}`]
}

/** SQLite orders texts by the bytes of their UTF-8, JavaScript by units of UTF-16. */
const isBefore = (one: string, other: string): boolean =>
  Buffer.compare(Buffer.from(one), Buffer.from(other)) < 0
