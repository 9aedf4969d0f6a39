// Splits a shell template into words: the literal part is split at white space, quotes group, and every
// `${…}` is exactly one argument, or part of the one that it touches. Values are never parsed, so none can
// become a second argument or an operator.

import { isSecret } from './secret.ts'

export type Argument = string | number | bigint | readonly (string | number | bigint)[]

/** @throws TypeError with a sentence for the author */
export function shellWords(literals: readonly (string | undefined)[], values: readonly unknown[]): string[] {
  const words = new Words()
  for (const [index, literal] of literals.entries()) {
    if (literal === undefined)
      throw new TypeError('shell: the template holds a bad escape; write \\\\ for a backslash')
    for (const character of literal) words.literal(character)
    if (index < values.length) words.value(values[index])
  }
  return words.finish()
}

/**
 * Stands for what came from a value or from quotes in the text that is searched for what only a shell
 * understands.
 */
const OPAQUE = '\0'

class Words {
  readonly #words: string[] = []
  #word: string | undefined
  /** The word as the author wrote it, with OPAQUE for what a shell would not look into either. */
  #bare = ''
  #quote: string | undefined
  #afterArray = false

  literal(character: string): void {
    if (this.#quote === undefined && /\s/.test(character)) this.#end()
    else if (character === this.#quote) this.#quote = undefined
    else if (this.#quote === undefined && (character === '"' || character === "'")) {
      this.#quote = character
      this.#add('', OPAQUE)
    } else this.#add(character, this.#quote === undefined ? character : OPAQUE)
  }

  value(value: unknown): void {
    if (!Array.isArray(value)) {
      this.#add(argument(value), OPAQUE)
      return
    }
    if (this.#word !== undefined || this.#afterArray) throw touchedArray()
    this.#words.push(...value.map(argument))
    this.#afterArray = true
  }

  finish(): string[] {
    if (this.#quote !== undefined) throw new TypeError(`shell: a ${this.#quote} is not closed`)
    this.#end()
    if (this.#words.length === 0) throw new TypeError('shell: the command is empty')
    if (this.#words[0] === '') throw new TypeError('shell: the name of the program is empty')
    return this.#words
  }

  #add(text: string, bare: string): void {
    if (this.#afterArray) throw touchedArray()
    this.#word = (this.#word ?? '') + text
    this.#bare += bare
  }

  #end(): void {
    if (this.#word !== undefined) {
      refuseShellTalk(this.#bare)
      this.#words.push(this.#word)
    }
    this.#word = undefined
    this.#bare = ''
    this.#afterArray = false
  }
}

function argument(value: unknown): string {
  if (typeof value === 'string') {
    if (value.includes('\0'))
      throw new TypeError('shell: an argument holds a NUL, which no program can be given')
    return value
  }
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return String(value)
  if (isSecret(value)) {
    throw new TypeError(
      `shell: secret('${value.secret}') cannot be an argument, which every process of the machine can see; ` +
        `hand it over in the environment: shell({ env: { ${value.secret}: secret('${value.secret}') } })`,
    )
  }
  throw new TypeError(
    `shell: \${…} must be a text, a number or an array of these, got ${value === null ? 'null' : typeof value}; ` +
      'convert it, or give the payload a schema',
  )
}

const OPERATOR = /^(?:\|\|?|&&?|;;?|\d?(?:>>?|<{1,3})(?:&\d?)?)$|;$/
const EXPANSION = /\$[A-Za-z_({]|`|^~(?:\/|$)/

/**
 * Refuses text that only a shell would interpret: the author meant it to be interpreted, and without a shell
 * the program would receive it literally.
 */
function refuseShellTalk(bare: string): void {
  if (!OPERATOR.test(bare) && !EXPANSION.test(bare)) return
  throw new TypeError(
    `shell: ${JSON.stringify(bare.replaceAll(OPAQUE, '…'))} would mean something to a shell, but ` +
      'there is none in between; ' +
      'quote it if it is an argument, or use shell.script',
  )
}

const touchedArray = (): TypeError =>
  new TypeError('shell: an array becomes several arguments, so white space must stand on both sides of it')
