// Topics that a wildcard in the first level of a filter leaves out: `#` and `+/a` match neither `$SYS/a` nor,
// where the hub's own topics are hidden, `vigie/a`. A filter that spells the first level out matches them.

/**
 * Returns whether a wildcard in the first level of a filter does not match this topic. It may also be asked
 * about the first level of a filter that has no wildcard there.
 */
export type Hides = (topic: string) => boolean

/** MQTT hides what begins with `$`. // [MQTT-4.7.2-1] [v3 MQTT-4.7.2-1] */
export const hidesDollar: Hides = (topic) => topic.startsWith('$')

/** Hides the topics under a first level as well. `null` hides no more than MQTT does. */
export function hidesRoot(root: string | null): Hides {
  if (root === null) return hidesDollar
  const below = `${root}/`
  return (topic) => topic.startsWith('$') || topic.startsWith(below) || topic === root
}
