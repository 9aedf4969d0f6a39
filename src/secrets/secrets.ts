// Secrets: read when a step runs, from the environment or from a file; what was read is taken out of
// everything that the step leaves behind. The values live as long as the attempt and are never stored.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SecretText } from '../model/secret.ts'
import type { Json } from '../model/json.ts'

/** Reads a secret by name. Throws a `MissingSecret` whose sentence says where it was looked for. */
export type Secrets = (name: string) => string

export class MissingSecret extends Error {}

/**
 * Looks in this order: the variable NAME, the file that the variable NAME_FILE names, the file NAME in the
 * folder (where container runtimes and systemd put them). A file's last line ending is not part of the
 * secret.
 */
export function openSecrets(environment: NodeJS.ProcessEnv, folder: string | null): Secrets {
  return (name) => {
    if (!/^\w[\w.-]*$/.test(name))
      throw new MissingSecret(
        `"${name}" cannot be the name of a secret: use letters, digits, "_", "-" and ".".`,
      )
    const value = environment[name]
    if (value) return value
    const file = environment[`${name}_FILE`] ?? (folder === null ? undefined : join(folder, name))
    if (file === undefined)
      throw new MissingSecret(
        `Secret ${name} is not set: set the variable ${name}, or ${name}_FILE to a file that holds it.`,
      )
    let content: string
    try {
      content = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'an unknown error'
      throw new MissingSecret(
        `Secret ${name} is not set: no variable ${name}, and its file ${file} cannot be read (${code}).`,
      )
    }
    if (content === '') throw new MissingSecret(`Secret ${name} is not set: its file ${file} is empty.`)
    return content
  }
}

/**
 * The secrets that one attempt has read: resolves references to them, and takes the values out of what is
 * kept.
 */
export class Disclosure {
  readonly #secrets: Secrets
  /** Every spelling in which a value may come back, and the name that is put in its place. */
  readonly #spellings = new Map<string, string>()

  constructor(secrets: Secrets) {
    this.#secrets = secrets
  }

  /** The text with its references replaced by their values. */
  resolve(text: SecretText): string {
    const pieces = typeof text === 'string' || 'secret' in text ? [text] : text
    return pieces.map((piece) => (typeof piece === 'string' ? piece : this.read(piece.secret))).join('')
  }

  read(name: string): string {
    const value = this.#secrets(name)
    this.conceal(value, name)
    return value
  }

  /** Also conceals a text that contains secrets, such as an Authorization header. */
  conceal(value: string, name: string): void {
    const spellings = [
      value,
      encodeURIComponent(value.toWellFormed()),
      JSON.stringify(value).slice(1, -1),
      Buffer.from(value).toString('base64'),
    ]
    for (const spelling of spellings) if (spelling !== '') this.#spellings.set(spelling, name)
  }

  /** The most that a cut through a text may leave of a secret, in bytes. */
  get longestBytes(): number {
    return Math.max(0, ...Array.from(this.#spellings.keys(), (spelling) => Buffer.byteLength(spelling)))
  }

  redact(text: string): string {
    const longestFirst = [...this.#spellings].toSorted(([a], [b]) => b.length - a.length)
    return longestFirst.reduce(
      (left, [spelling, name]) => left.replaceAll(spelling, `[secret ${name}]`),
      text,
    )
  }

  /** Redacts every text in a JSON value, names of properties included. */
  redactJson<T extends Json | undefined>(value: T): T {
    if (this.#spellings.size === 0) return value
    return this.#redactJson(value) as T
  }

  #redactJson(value: Json | undefined): Json | undefined {
    if (typeof value === 'string') return this.redact(value)
    if (typeof value !== 'object' || value === null) return value
    if (isArray(value)) return value.map((item) => this.#redactJson(item) ?? null)
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [this.redact(name), this.#redactJson(item)]),
    )
  }
}

const isArray = (value: Json): value is readonly Json[] => Array.isArray(value)
