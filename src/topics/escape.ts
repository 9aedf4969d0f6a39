// Text from outside as a part of a topic of the hub's own: client ids and the keys of alerts may hold what no
// topic level can. What is escaped is written as in an address: `%2B` for `+`, `%23` for `#`, `%25` for `%`,
// control characters likewise.

/** Escapes a text so that it is one topic level, also if it contains `/`. */
export const topicLevel = (text: string): string => escaped(text, /[%+#/\p{Cc}]/gu)

/** Escapes a text that may have several levels: each `/` stays a separator of levels. */
export const topicLevels = (text: string): string => escaped(text, /[%+#\p{Cc}]/gu)

/** Returns the text from which `topicLevel` or `topicLevels` made this. */
export const textOfLevel = (level: string): string =>
  level.replaceAll(/(?:%[0-9A-F]{2})+/g, (codes) => {
    try {
      return decodeURIComponent(codes)
    } catch {
      // No text is ever escaped to this, so somebody has written the topic by hand.
      return codes
    }
  })

const escaped = (text: string, forbidden: RegExp): string =>
  text.toWellFormed().replaceAll(forbidden, encodeURIComponent)
