// Finds out whether two filters have a topic that both match.

import { type Hides, hidesDollar } from './hidden.ts'

/**
 * Whether a topic exists that both filters match. Both must be legal MQTT filters.
 * @param hides what wildcards in the first level leave out; by default what begins with `$`
 */
export function filtersOverlap(one: string, other: string, hides: Hides = hidesDollar): boolean {
  const [a, b] = [one.split('/'), other.split('/')]
  const [first = '', second = ''] = [a[0], b[0]]
  if ((isWild(first) && hides(second)) || (isWild(second) && hides(first))) return false
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
