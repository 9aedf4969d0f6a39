// Topic names of two octets, which go without an id: they stand where the id would (6.6).

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `undefined` if the octets are no text. */
export function shortNameIn(topicId: number): string | undefined {
  try {
    return UTF8.decode(Uint8Array.of(topicId >> 8, topicId & 0xff))
  } catch {
    return undefined
  }
}

/** What stands in the place of the topic id; `undefined` for a name that is not short. */
export function shortNameId(topic: string): number | undefined {
  if (topic.length > 2) return undefined
  const bytes = Buffer.from(topic)
  return bytes.length === 2 ? bytes.readUInt16BE(0) : undefined
}
