// JSON values, the only kind of data that the store holds; and JSON that is passed on as its original text.

export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json | undefined
}

/**
 * Parsing knows no bound, but what is nested some thousands deep can neither be written as JSON again nor
 * sent to another thread.
 */
export const DEEPEST_JSON = 500

export const isTooDeep = (value: Json | undefined, most = DEEPEST_JSON): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (most === 0 || Object.values(value).some((each) => isTooDeep(each, most - 1)))

/**
 * JSON that is passed on as its original text. Parsing and writing it again would change it: numbers beyond
 * 2^53 are rounded, `1e999` becomes `null`, `-0` becomes `0`, and of two equal keys the second one wins.
 */
export class JsonText {
  readonly text: string

  /** @param text valid JSON */
  constructor(text: string) {
    this.text = text
  }

  /** The JavaScript value, with the changes that parsing makes. */
  parse(): Json {
    return JSON.parse(this.text) as Json
  }
}

/** Writes plain data as `JSON.stringify` does, except that each `JsonText` in it is written as it is. */
export function jsonText(value: unknown): string {
  if (value instanceof JsonText) return value.text
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([name, each]) => `${JSON.stringify(name)}:${jsonText(each)}`)
  return `{${members.join(',')}}`
}
