// Conversations between clients and a broker, byte for byte, as text:
//
//   connect := 10 # 00 04 "MQTT" 04 02 00 3c 00 01     a name for bytes, used below as {connect}
//
//   == A title, with the ids of what it shows [MQTT-3.1.0-1] [v3 MQTT-3.1.0-1]
//   A> {connect} "a"          client A sends these bytes; a client connects when it is first named
//   A< 20 02 00 00            the next packet that A gets is exactly this
//   A< 20 # 00 00 *           * is any number of bytes, ? any one
//   A< nothing                nothing came up to now: a PINGREQ is the next that is answered
//   A< closed                 the broker closes the connection
//   A> ends                   the client closes its socket without a word, and the broker has noticed
//   1500 ms pass              on our broker's clock
//   broker receiveMaximum 2   a limit of our broker, set before it starts
//
// Bytes are hex or "text", and 61x100 is the byte 61 a hundred times; # is the remaining length of the packet that the line
// holds, worked out; a line may hold the bytes of several packets, each begun by |. Packet identifiers that the broker gives are
// called here as it pleases the writer (`given-ids.ts`). A title that begins with (vigie) is about
// what other brokers may do differently; so are conversations that set limits or let time pass.

export interface Conversation {
  readonly title: string
  /** Only for our own broker. */
  readonly ours: boolean
  readonly limits: Readonly<Record<string, number>>
  readonly lines: readonly Line[]
}

export type Line = Saying | Pause

export interface Saying {
  readonly number: number
  readonly client: string
  readonly says: Says
}

export interface Pause {
  readonly passMs: number
}

export type Says =
  | { readonly kind: 'send'; readonly bytes: Buffer }
  | { readonly kind: 'expect'; readonly packet: Pattern }
  | { readonly kind: 'nothing' | 'closed' | 'ends' }

/** Bytes with holes: a number, `?` for any byte, `*` for any number of bytes. */
export type Pattern = readonly (number | '?' | '*')[]

export function parseConversations(text: string): Conversation[] {
  const names = new Map<string, string>()
  const conversations: { title: string; ours: boolean; limits: Record<string, number>; lines: Line[] }[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('//')) continue
    const definition = /^(\w+) := (.+)$/.exec(line)
    const title = /^== (\(vigie\) )?(.+)$/.exec(line)
    const said = /^(\w+)([<>]) (.+)$/.exec(line)
    const limit = /^broker (\w+) (\d+)$/.exec(line)
    const pause = /^(\d+) ms pass$/.exec(line)
    const conversation = conversations.at(-1)!
    if (definition) names.set(definition[1]!, fill(definition[2]!, names))
    else if (title)
      conversations.push({ title: title[2]!, ours: title[1] !== undefined, limits: {}, lines: [] })
    else if (limit) {
      conversation.ours = true
      conversation.limits[limit[1]!] = Number(limit[2])
    } else if (pause) {
      conversation.ours = true
      conversation.lines.push({ passMs: Number(pause[1]) })
    } else if (said) {
      const [, client, direction, rest] = said as unknown as [string, string, '<' | '>', string]
      const says = parseSays(direction, fill(rest, names))
      conversation.lines.push({ number: index + 1, client, says })
    } else throw new Error(`Line ${index + 1} says nothing that can be understood: ${line}`)
  }
  return conversations
}

export const matches = (packet: Buffer, pattern: Pattern): boolean => {
  const star = pattern.indexOf('*')
  if (star === -1) return packet.length === pattern.length && fits(packet, pattern)
  const after = pattern.slice(star + 1)
  if (packet.length < star + after.length) return false
  return fits(packet, pattern.slice(0, star)) && fits(packet.subarray(packet.length - after.length), after)
}

const fits = (bytes: Buffer, pattern: Pattern): boolean =>
  pattern.every((byte, at) => byte === '?' || byte === bytes[at])

export const show = (bytes: Pattern | Buffer): string =>
  Array.from(bytes, (byte) => (typeof byte === 'number' ? byte.toString(16).padStart(2, '0') : byte)).join(
    ' ',
  )

const fill = (text: string, names: ReadonlyMap<string, string>): string =>
  text.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const bytes = names.get(name)
    if (bytes === undefined) throw new Error(`{${name}} has not been defined.`)
    return bytes
  })

function parseSays(direction: '<' | '>', text: string): Says {
  if (text === 'nothing' || text === 'closed' || text === 'ends') return { kind: text }
  const pattern = text.split('|').flatMap(parsePacket)
  if (direction === '<') return { kind: 'expect', packet: pattern }
  return { kind: 'send', bytes: Buffer.from(pattern as number[]) }
}

function parsePacket(text: string): Pattern {
  const tokens = text.match(/"[^"]*"|\S+/g) ?? []
  const bytes = tokens.flatMap((token): (number | '?' | '*' | '#')[] => {
    if (token.startsWith('"')) return Array.from(Buffer.from(token.slice(1, -1)))
    if (token === '#' || token === '*' || token === '?') return [token]
    const run = /^([0-9a-f]{2})x(\d+)$/.exec(token)
    if (run !== null) return Array.from({ length: Number(run[2]) }, () => Number.parseInt(run[1]!, 16))
    if (/^([0-9a-f]{2})+$/.test(token)) return Array.from(Buffer.from(token, 'hex'))
    throw new Error(`${token} is neither hex nor text.`)
  })
  const at = bytes.indexOf('#')
  if (at === -1) return bytes as Pattern
  // With a hole in the packet its length is one too.
  const rest = bytes.slice(at + 1) as Pattern
  return [
    ...(bytes.slice(0, at) as Pattern),
    ...(rest.includes('*') ? (['?'] as const) : lengthOf(rest.length)),
    ...rest,
  ]
}

function lengthOf(length: number): number[] {
  const bytes: number[] = []
  for (let rest = length; bytes.length === 0 || rest > 0; rest >>>= 7) {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
  }
  return bytes
}
