// What JSON can hold: the only kind of data that crosses into the store.

export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json | undefined
}

/** Parsing knows no bound, but what is nested some thousands deep can neither be written as JSON again nor sent to another thread. */
export const DEEPEST_JSON = 500

export const isTooDeep = (value: Json | undefined, most = DEEPEST_JSON): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (most === 0 || Object.values(value).some((each) => isTooDeep(each, most - 1)))
