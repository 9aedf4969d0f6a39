// Checks a ping, and makes of it what the watch takes, or the list of what is wrong with it. What pings say
// of each other is checked when all of them are there.

import { nearMiss } from '../../base/near-miss.ts'
import { messageOf } from '../../base/printable.ts'
import { parseDuration } from '../../base/quantities.ts'
import type { FlapLimits, PingKind, PingSpec } from '../../model/probe.ts'
import type { Ping, PingManner, PingOptions } from '../authoring/ping.ts'
import { PING_KINDS, kindsWith, pingShape } from './ping-shape.ts'
import { targetOf } from './ping-target.ts'
import { problem, problemsOf } from './problem.ts'
import type { Problem, Spot } from './problem.ts'

export function compilePing(name: string, options: PingOptions, spot: Spot): PingSpec | readonly Problem[] {
  const kinds = PING_KINDS.filter((kind) => kind in options)
  const [kind] = kinds
  if (kind === undefined || kinds.length > 1) return [problem(spot, oneKindOf(kinds))]
  const alien = Object.keys(options).find((key) => isAlien(key, kind))
  if (alien !== undefined) return [problem(spot, `${alien}: it belongs to ${kindsWith(alien).join(' and ')}`)]
  const shape = pingShape(kind)
  const parsed = shape.safeParse(options)
  if (!parsed.success) return problemsOf(spot, parsed.error, shape)
  try {
    const { on, reference } = options
    if (on !== undefined && reference === true)
      return [problem(spot, "reference: it stands for the hub's own network, so the hub must check it")]
    return { name, ...(on && { host: on.name }), target: targetOf(kind, options), ...mannerOf(options) }
  } catch (error) {
    return [problem(spot, messageOf(error))]
  }
}

function oneKindOf(kinds: readonly PingKind[]): string {
  const all = `${PING_KINDS.slice(0, -1).join(', ')} and ${PING_KINDS.at(-1)}`
  return `expected one of ${all}, got ${kinds.join(' and ') || 'none of them'}`
}

const isAlien = (key: string, kind: PingKind): boolean => {
  const kinds = kindsWith(key)
  return kinds.length > 0 && !kinds.includes(kind)
}

function mannerOf(options: PingManner): Omit<PingSpec, 'name' | 'host' | 'target'> {
  const { every = '30s', jitter, timeout = '5s', fails = 3, recovers = 2, reference = false } = options
  const [everyMs, jitterMs] = [parseDuration(every), jitter === undefined ? 0 : parseDuration(jitter)]
  if (jitterMs >= everyMs) throw new TypeError(`jitter: expected less than every (${every}), got ${jitter}`)
  return {
    everyMs,
    jitterMs,
    timeoutMs: parseDuration(timeout),
    fails,
    recovers,
    flapping: flapLimits(options.flapping),
    dependsOn: parentsOf(options.dependsOn),
    isReference: reference,
  }
}

function flapLimits(flapping: PingManner['flapping'] = {}): FlapLimits | null {
  if (flapping === false) return null
  const { above = 3, until = Math.min(1, above / 3) } = flapping
  if (!(until > 0 && until < above))
    throw new TypeError(`flapping: expected until above 0 and below above (${above}), got ${until}`)
  return { above, until }
}

const parentsOf = (dependsOn: PingManner['dependsOn'] = []): readonly string[] => [
  ...new Set(
    [dependsOn].flat().map((parent: string | Ping) => (typeof parent === 'string' ? parent : parent.name)),
  ),
]

/** What is wrong with the pings that a ping depends on; `undefined` when nothing is. */
export function dependenceProblem(
  { name, host, dependsOn }: PingSpec,
  pings: ReadonlyMap<string, PingSpec>,
): string | undefined {
  const unknown = dependsOn.find((parent) => !pings.has(parent))
  if (unknown !== undefined) {
    const meant = nearMiss(unknown, [...pings.keys()])
    const hint = meant === undefined ? '' : `; did you mean '${meant}'?`
    return `dependsOn: there is no ping named ${JSON.stringify(unknown)}${hint}`
  }
  const elsewhere = dependsOn.find((parent) => pings.get(parent)?.host !== host)
  if (elsewhere !== undefined)
    return `dependsOn: ${JSON.stringify(elsewhere)} is not checked from the same machine`
  const circle = circleFrom(name, pings)
  return circle && `dependsOn: it depends on itself (${circle.join(' → ')})`
}

/** The way from a ping over what it depends on back to itself. */
function circleFrom(name: string, pings: ReadonlyMap<string, PingSpec>): readonly string[] | undefined {
  const seen = new Set<string>()
  const search = (way: readonly string[]): readonly string[] | undefined => {
    for (const parent of pings.get(way.at(-1)!)?.dependsOn ?? []) {
      if (parent === name) return [...way, parent]
      if (seen.has(parent)) continue
      seen.add(parent)
      const found = search([...way, parent])
      if (found) return found
    }
    return undefined
  }
  return search([name])
}
