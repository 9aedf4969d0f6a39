// A payload on one line, for lists.

/** @param encoding as the API gives it: `json` comes parsed, the others are text */
export function payloadLine(payload: unknown, encoding: string, longest = 160): string {
  const text = encoding === 'json' ? JSON.stringify(payload) : String(payload)
  const line = text.replaceAll(/\s+/g, ' ')
  const cut = line.length > longest ? `${line.slice(0, longest - 1)}…` : line
  return encoding === 'base64' ? `${cut} (bytes, in base64)` : cut
}
