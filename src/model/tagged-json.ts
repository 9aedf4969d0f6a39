// Plain data with bytes in it as JSON, and back without loss: bytes are `{ "$base64": "…" }`, and a member whose
// own name begins with `$` has a second one in front.

const BYTES = '$base64'

export function toTaggedJson(value: unknown): string {
  return JSON.stringify(tagged(value)) ?? 'null'
}

/** @throws SyntaxError for what is no JSON */
export const fromTaggedJson = (text: string): unknown => untagged(JSON.parse(text))

function tagged(value: unknown): unknown {
  if (value instanceof Uint8Array) return { [BYTES]: Buffer.from(value).toString('base64') }
  if (Array.isArray(value)) return value.map(tagged)
  if (typeof value !== 'object' || value === null) return value
  return renamed(value, (name) => (name.startsWith('$') ? `$${name}` : name), tagged)
}

function untagged(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untagged)
  if (typeof value !== 'object' || value === null) return value
  const { [BYTES]: bytes } = value as { readonly [BYTES]?: unknown }
  if (typeof bytes === 'string') return Buffer.from(bytes, 'base64')
  return renamed(value, (name) => (name.startsWith('$') ? name.slice(1) : name), untagged)
}

const renamed = (
  value: object,
  name: (from: string) => string,
  each: (value: unknown) => unknown,
): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).map(([from, member]) => [name(from), each(member)]))
