// What is said about alerts, by a message under `<root>/commands/alerts/<key>/<verb>`: read, and refused with
// a sentence where it makes no sense.

import { z } from 'zod'
import { nearMiss } from '../base/near-miss.ts'
import { printable } from '../base/printable.ts'
import type { AlertMatch } from '../model/alert.ts'
import { commandPayload, lengthMs, payloadProblems } from '../model/command-payload.ts'
import type { Event } from '../model/event.ts'
import { speakerOf } from '../model/speaker.ts'
import { alertCommandIn } from '../topics/alert-topic.ts'
import type { Raised } from './machine.ts'
import { labels, matchers, matchOf, name, severity } from './matchers.ts'

export type AlertCommand =
  | { readonly verb: 'raise'; readonly key: string; readonly raised: Raised }
  | { readonly verb: 'resolve'; readonly key: string; readonly title?: string; readonly body?: string }
  | { readonly verb: 'ack' | 'unack'; readonly key: string }
  | {
      readonly verb: 'silence'
      /** Its name; what it means, unless it says otherwise, is the alert of that key. */
      readonly key: string
      readonly match: AlertMatch
      readonly forMs: number
      readonly comment: string
    }
  | { readonly verb: 'unsilence'; readonly key: string }

export interface Heard {
  readonly command: AlertCommand
  /** Who says it, as words: `rule "door"`, `anna (client "phone", user "anna")`, `the hub`. */
  readonly by: string
  /** See `Said` of machine.ts. */
  readonly step: string | null
}

/** What is kept of words that have no end; the event holds the whole. */
const LONGEST_TITLE = 500
const LONGEST_BODY = 8_192

const cut = (longest: number) =>
  z
    .string()
    .transform((text) =>
      text.length > longest ? `${text.slice(0, longest - 1).toWellFormed()}…` : text.toWellFormed(),
    )
const title = z.string().min(1).pipe(cut(LONGEST_TITLE))
const body = cut(LONGEST_BODY)
const match = z.strictObject(matchers)

const says = { by: name.optional(), comment: body.optional() }
/** What only the hub's own steps say. */
const OWN = { rule: name.nullable().optional(), step: name.optional() }

const SCHEMAS = {
  raise: z.strictObject({
    title,
    body: body.default(''),
    severity: severity.default('warning'),
    labels: labels.default({}),
    parent: name.optional(),
    pending: lengthMs.default(0),
    ...says,
    ...OWN,
  }),
  resolve: z.strictObject({ title: title.optional(), body: body.optional(), ...says, ...OWN }),
  ack: z.strictObject(says),
  unack: z.strictObject(says),
  silence: z.strictObject({ for: lengthMs, match: match.optional(), ...says }),
  unsilence: z.strictObject(says),
} as const
type Verb = keyof typeof SCHEMAS
const VERBS = Object.keys(SCHEMAS) as Verb[]

/** The user of the client that published an event, as it was then; `null` for none. */
type UserOf = (event: Event) => string | null

/** @returns `null` for a message that is no command, such as the answer to one; a text says what is wrong. */
export function heardIn(event: Event, root: string, userOf: UserOf = () => null): Heard | string | null {
  const said = alertCommandIn(event.topic, root)
  if (said === null || said.verb === 'result') return null
  const verb = VERBS.find((each) => each === said.verb)
  if (verb === undefined) {
    const meant = nearMiss(said.verb, VERBS)
    const hint = meant === undefined ? `there are: ${VERBS.join(', ')}` : `did you mean ${meant}?`
    return `nobody can ${JSON.stringify(printable(said.verb))} an alert (${hint})`
  }
  if (said.key === '') return `the topic names no alert; expected ${root}/commands/alerts/KEY/${verb}`
  if (event.retain) return 'it is a retained message, which would be said again at every start'
  const payload = commandPayload(event.payload)
  if (payload === undefined) return 'its payload is no JSON object'
  const parsed = SCHEMAS[verb].safeParse(payload)
  if (!parsed.success) return payloadProblems(parsed.error, namesIn(verb))
  const given: Given<Verb> & Partial<Pick<Given<'raise'>, 'rule' | 'step'>> = parsed.data
  const { rule = null, step = null, by } = given
  if (event.origin !== 'hub' && (rule !== null || step !== null))
    return 'rule and step are what rules of the hub say of themselves'
  return {
    command: commandOf(verb, said.key, given, rule),
    by: rule === null ? speakerOf(event, by, userOf(event)) : `rule "${rule}"`,
    step,
  }
}

type Given<V extends Verb> = z.output<(typeof SCHEMAS)[V]>

function commandOf(verb: Verb, key: string, given: Given<Verb>, rule: string | null): AlertCommand {
  switch (verb) {
    case 'raise': {
      const {
        title: words,
        body: more,
        severity: level,
        labels: all,
        parent,
        pending,
      } = given as Given<'raise'>
      const raised = { title: words, body: more, severity: level, labels: all, parent: parent ?? null, rule }
      return { verb, key, raised: { ...raised, pendingMs: pending } }
    }
    case 'resolve': {
      const { title: words, body: more } = given as Given<'resolve'>
      return {
        verb,
        key,
        ...(words !== undefined && { title: words }),
        ...(more !== undefined && { body: more }),
      }
    }
    case 'silence': {
      const { match: meant, for: forMs, comment = '' } = given as Given<'silence'>
      return { verb, key, match: meant === undefined ? { key } : matchOf(meant), forMs, comment }
    }
    case 'ack':
    case 'unack':
    case 'unsilence':
      return { verb, key }
  }
  return verb satisfies never
}

/** The names that may stand at a place of the payload. */
const namesIn =
  (verb: Verb) =>
  (path: readonly PropertyKey[]): readonly string[] =>
    Object.keys(path.length === 0 ? SCHEMAS[verb].shape : match.shape)
