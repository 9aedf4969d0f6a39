// Whether there is a topic that two filters both match.

/** Both are legal MQTT filters. */
export function filtersOverlap(one: string, other: string): boolean {
  const [a, b] = [one.split('/'), other.split('/')]
  // A wildcard in the first level does not match what begins with `$`.
  const [first = '', second = ''] = [a[0], b[0]]
  if ((isWild(first) && second.startsWith('$')) || (isWild(second) && first.startsWith('$'))) return false
  for (let level = 0; ; level++) {
    const [x, y] = [a[level], b[level]]
    if (x === '#' || y === '#') {
      // `a/#` matches `a`, too. But no topic is empty: `/#` and `+` have none in common.
      const isFirstAlone = level === 1 && (x === undefined || y === undefined)
      return !(isFirstAlone && (first === '' || second === ''))
    }
    if (x === undefined || y === undefined) return x === y
    if (x !== y && x !== '+' && y !== '+') return false
  }
}

const isWild = (level: string): boolean => level === '+' || level === '#'
