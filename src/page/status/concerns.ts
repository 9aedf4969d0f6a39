// What somebody should look at, from what the hub says of itself, each as a sentence with the view that shows
// more; and the one sentence above them all.

import type { Alert } from '../../model/alert.ts'
import { CONDITIONS } from '../../model/health.ts'
import type { HubStatus } from '../../model/hub-status.ts'
import { counted } from '../words/moments.ts'

export interface Concern {
  /** `bad`: something is broken, or was not done. `warn`: it can wait. */
  readonly kind: 'bad' | 'warn'
  readonly says: string
  /** The view that shows it. */
  readonly href: string
}

export interface Situation {
  readonly status: HubStatus
  /** Alerts that are open. */
  readonly alerts: readonly Pick<Alert, 'state' | 'severity' | 'title' | 'key'>[]
  /** Clients that nobody disconnected, and that are gone. */
  readonly lost: readonly string[]
}

/** Events that wait for the rules: fewer are what a moment brings. */
const LARGE_BACKLOG = 10_000

/** The worst first. */
export function concernsOf({ status, alerts, lost }: Situation): readonly Concern[] {
  const { health, engine, store } = status
  const { dead } = store.runs
  const { pings = [], watches = [] } = engine.now ?? {}
  const found = [
    ...CONDITIONS.flatMap((name) => {
      const sentence = health.conditions[name]
      return sentence === null ? [] : [bad(sentence, WHERE[name])]
    }),
    ...few(
      alerts.filter(({ state }) => state === 'firing'),
      'alert',
      ({ title, key }) => bad(`Alert: ${title}`, `/alerts/${encodeURIComponent(key)}`),
      (count) => bad(`${count} are firing.`, '/alerts'),
    ),
    ...(dead === 0 ? [] : [bad(`${counted(dead, 'run')} failed for good.`, '/runs?state=dead')]),
    ...few(
      pings.filter(({ state, isUnable }) => state === 'down' || isUnable),
      'ping',
      ({ name, reason, isUnable }) =>
        bad(
          `The ping ${name} ${isUnable ? 'cannot be checked' : 'is down'}${reason === '' ? '' : `: ${reason}`}.`,
          `/pings/${encodeURIComponent(name)}`,
        ),
      (count) => bad(`${count} are down.`, '/pings'),
    ),
    ...few(
      status.paused,
      'rule',
      ({ rule, reason }) =>
        warn(`The rule ${rule} is paused: ${reason}.`, `/rules/${encodeURIComponent(rule)}`),
      (count) => warn(`${count} are paused.`, '/rules'),
    ),
    // The condition says which rules are not in force, and why.
    ...few(
      health.conditions.rules === null ? engine.failures : [],
      'rule file',
      () => bad('A rule file did not load.', '/rules'),
      (count) => bad(`${count} did not load.`, '/rules'),
    ),
    ...few(
      engine.quarantined,
      'rule',
      (name) => bad(`The rule ${name} is quarantined until it is saved again.`, '/rules'),
      (count) => bad(`${count} are quarantined until they are saved again.`, '/rules'),
    ),
    ...watches.flatMap(({ name, problem, hasGivenUp }) => {
      if (problem !== '') return [bad(`The watch ${name} cannot look: ${problem}.`, '/processes')]
      return hasGivenUp ? [bad(`The watch ${name} has given up: too few run.`, '/processes')] : []
    }),
    ...few(
      lost,
      'client',
      (id) => warn(`The client ${id} is lost.`, `/clients/${encodeURIComponent(id)}`),
      (count) => warn(`${count} are lost.`, '/clients?state=offline'),
    ),
    ...((engine.behind ?? 0) > LARGE_BACKLOG
      ? [warn(`${counted(engine.behind ?? 0, 'event')} wait for the rules.`, '/history')]
      : []),
  ]
  return found.toSorted((a, b) => RANK[a.kind] - RANK[b.kind])
}

/** The view that shows more of a condition that does not hold. */
const WHERE: Readonly<Record<(typeof CONDITIONS)[number], string>> = {
  journal: '/alerts',
  rules: '/rules',
  engine: '/rules',
}

const RANK = { bad: 0, warn: 1 } as const
const bad = (says: string, href: string): Concern => ({ kind: 'bad', says, href })
const warn = (says: string, href: string): Concern => ({ kind: 'warn', says, href })

/** Up to this many are named one by one. */
const FEW = 3

const few = <T>(
  all: readonly T[],
  noun: string,
  one: (each: T) => Concern,
  many: (count: string) => Concern,
): readonly Concern[] =>
  all.length <= FEW ? all.map((each) => one(each)) : [many(counted(all.length, noun))]

export interface Summary {
  readonly kind: 'ok' | 'warn' | 'bad'
  readonly says: string
}

/** Whether anything is wrong, in one sentence. */
export function summaryOf(concerns: readonly Concern[]): Summary {
  const [first] = concerns
  if (first === undefined) return { kind: 'ok', says: 'All is well: the hub keeps its promise.' }
  const count = concerns.filter(({ kind }) => kind === first.kind).length
  if (first.kind === 'bad')
    return { kind: 'bad', says: count === 1 ? 'One thing is wrong.' : `${count} things are wrong.` }
  const things = count === 1 ? 'one thing is worth a look' : `${count} things are worth a look`
  return { kind: 'warn', says: `The hub keeps its promise; ${things}.` }
}
