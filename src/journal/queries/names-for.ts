// The range of topic names in which all lie that a topic filter can match, so that SQLite finds them by index.

/** @returns the first name of the range, and the first after it */
export function namesFor(filter: string): [from: string, below: string] {
  const wildcard = filter.search(/[+#]/)
  if (wildcard === -1) return [filter, `${filter}\0`]
  // The names that begin with the text before the first wildcard. `a/#` matches `a` too.
  const prefix = filter.slice(0, wildcard).replace(/\/$/, '')
  return [prefix, `${prefix}\u{10FFFF}`]
}
