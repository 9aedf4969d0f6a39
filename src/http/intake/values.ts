// What a delivery says, by names: the members of its JSON, the fields of a form, its headers.

import type { Json } from '../../model/json.ts'

const FORM = /^application\/x-www-form-urlencoded\b/i

/** A form as JSON, so that rules read it as they read everything else. A field that comes twice is a list. */
export function bodyAsPayload(body: Buffer, contentType: string | undefined): Buffer {
  if (contentType === undefined || !FORM.test(contentType)) return body
  const fields = new Map<string, string | string[]>()
  for (const [name, value] of new URLSearchParams(body.toString())) {
    const before = fields.get(name)
    fields.set(name, before === undefined ? value : [before, value].flat())
  }
  return Buffer.from(JSON.stringify(Object.fromEntries(fields)))
}

/** Finds the value of a place: a path in the document, such as `build.phase`, or `header:` and its name. */
export function valuesOf(
  payload: Buffer,
  header: (name: string) => string | undefined,
): (place: string) => string | undefined {
  let document: Json | undefined
  let isRead = false
  return (place) => {
    if (place.startsWith('header:')) return header(place.slice('header:'.length))
    if (!isRead) document = parsed(payload)
    isRead = true
    return textAt(document, place.split('.'))
  }
}

function parsed(payload: Buffer): Json | undefined {
  try {
    return JSON.parse(payload.toString()) as Json
  } catch {
    return undefined
  }
}

function textAt(value: Json | undefined, path: readonly string[]): string | undefined {
  let at = value
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Readonly<Record<string, Json>>)[name]
  }
  return at === null || typeof at === 'object' ? undefined : String(at)
}
