// Texts of the user's own with the parts of a notification in them: `'{title} ({severity})'`.

import type { Json } from '../model/json.ts'
import type { Notification } from '../model/notification.ts'

const moment = (at: number): string => new Date(at).toISOString()

const PARTS = {
  id: ({ id }) => id,
  occasion: ({ occasion }) => occasion,
  state: ({ state }) => state,
  severity: ({ severity }) => severity,
  title: ({ title }) => title,
  body: ({ body }) => body,
  /** ISO 8601, in UTC. */
  since: ({ since }) => moment(since),
  at: ({ at }) => moment(at),
  /** Of the first alert. */
  key: ({ alerts: [first] }) => first?.key ?? '',
  rule: ({ alerts: [first] }) => first?.rule ?? '',
  topic: ({ alerts: [first] }) => first?.cause?.topic ?? '',
  count: ({ alerts: [first] }) => String(first?.count ?? 0),
  show: ({ links }) => links.show ?? '',
  acknowledge: ({ links }) => links.acknowledge ?? '',
  silence: ({ links }) => links.silence ?? '',
} satisfies Readonly<Record<string, (notification: Notification) => string>>

export const PLACEHOLDERS: readonly string[] = Object.keys(PARTS)

/** Letters in braces: JSON that is written as text has quotes or blanks there. */
const PLACEHOLDER = /\{([a-zA-Z]+)\}/g

/** The placeholders of a text that stand for nothing. */
export const unknownPlaceholders = (template: string): readonly string[] =>
  Array.from(template.matchAll(PLACEHOLDER), ([, name = '']) => name).filter(
    (name) => !Object.hasOwn(PARTS, name),
  )

export const filled = (template: string, notification: Notification): string =>
  template.replaceAll(PLACEHOLDER, (whole, name: string) =>
    Object.hasOwn(PARTS, name) ? PARTS[name as keyof typeof PARTS](notification) : whole,
  )

/** Fills the texts in a value; the names of its members stay. */
export function filledJson(template: Json, notification: Notification): Json {
  if (typeof template === 'string') return filled(template, notification)
  if (typeof template !== 'object' || template === null) return template
  if (isArray(template)) return template.map((one) => filledJson(one, notification))
  return Object.fromEntries(
    Object.entries(template).map(([name, one]) => [name, filledJson(one ?? null, notification)]),
  )
}

/** All texts in a value. */
export function textsIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((one: Json | undefined) => textsIn(one ?? null))
}

const isArray = (value: Json): value is readonly Json[] => Array.isArray(value)
