/**
 * The slow matcher: the rules of section 4.7 in a form that is obviously right. The trees are held to it by
 * tests; use it where one filter meets one topic and speed is of no concern. Both arguments are valid.
 */

import { type Hides, hidesDollar } from './hidden.ts'

/** @param hides what wildcards in the first level leave out; by default what begins with `$` */
export function topicMatches(filter: string, topic: string, hides: Hides = hidesDollar): boolean {
  const wanted = filter.split('/')
  const levels = topic.split('/')
  if ((wanted[0] === '+' || wanted[0] === '#') && hides(topic)) return false // [MQTT-4.7.2-1]
  for (const [index, want] of wanted.entries()) {
    if (want === '#') return true // the rest, and the parent: `a/#` matches `a`
    if (index === levels.length) return false
    if (want !== '+' && want !== levels[index]) return false
  }
  return wanted.length === levels.length
}
