// Text from outside as a part of a topic of the hub's own: client ids and the keys of alerts may hold what no
// topic level can. What is escaped is written as in an address: `%2B` for `+`, `%23` for `#`, `%25` for `%`,
// control characters likewise.

/** One level, whatever the text holds: `/` is escaped too. */
export const topicLevel = (text: string): string => escaped(text, /[%+#/\p{Cc}]/gu)

/** Levels of the text stay levels of the topic. */
export const topicLevels = (text: string): string => escaped(text, /[%+#\p{Cc}]/gu)

/** The text of which `topicLevel` or `topicLevels` has made this. */
export const textOfLevel = (level: string): string =>
  level.replaceAll(/(?:%[0-9A-F]{2})+/g, (codes) => {
    try {
      return decodeURIComponent(codes)
    } catch {
      // No text was ever escaped to this: somebody has made the topic by hand.
      return codes
    }
  })

const escaped = (text: string, forbidden: RegExp): string =>
  text.toWellFormed().replaceAll(forbidden, encodeURIComponent)
