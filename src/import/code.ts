// Values as TypeScript source, the way a person would write them: single quotes, bare keys, short objects on
// one line.

/** A piece of source that stands as it is. */
export class Code {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What `secret('NAME')` of a configuration says. */
export const secretCode = (name: string): Code => new Code(`secret(${quoted(name)})`)

const WIDTH = 100

/** @param indent how far the line that the value ends on is indented */
export function source(value: unknown, indent = 0): string {
  if (value instanceof Code) return value.text
  if (typeof value === 'string') return quoted(value)
  if (value === null || typeof value !== 'object') return String(value)
  const isList = Array.isArray(value)
  const parts = isList
    ? value.map((each) => source(each, indent + 2))
    : Object.entries(value)
        .filter(([, each]) => each !== undefined)
        .map(([key, each]) => `${keyOf(key)}: ${source(each, indent + 2)}`)
  const [open, close] = isList ? ['[', ']'] : ['{', '}']
  if (parts.length === 0) return open + close
  const gap = isList ? '' : ' '
  const line = `${open}${gap}${parts.join(', ')}${gap}${close}`
  if (!line.includes('\n') && line.length + indent <= WIDTH) return line
  const pad = ' '.repeat(indent)
  return `${open}\n${parts.map((part) => `${pad}  ${part},\n`).join('')}${pad}${close}`
}

/** A text in single quotes. */
export const quoted = (text: string): string =>
  `'${JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", String.raw`\'`)}'`

const keyOf = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key))

/** A text that may stand behind `//` on one line. */
export const inComment = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

/** A name that is not taken yet, made of letters, digits and dashes; it is taken from then on. */
export function freeName(wanted: string, taken: Set<string>, otherwise: string): string {
  const base =
    wanted
      .replaceAll(/[^A-Za-z0-9_]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .toLowerCase() || otherwise
  let name = base
  for (let number = 2; taken.has(name); number++) name = `${base}-${number}`
  taken.add(name)
  return name
}

/** A name for a secret: capitals, digits and `_`. */
export const secretName = (...words: readonly string[]): string =>
  words
    .join('_')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .replace(/^(?=\d)/, '_')
    .toUpperCase()

/** A set of words that blanks keep apart. */
export const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** A text, or a number as one; '' for whatever is neither. */
export const textIn = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
