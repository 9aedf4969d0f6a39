// Checks one rule and makes it ready for work, or returns the list of what is wrong with it.

import { messageOf } from '../../base/printable.ts'
import { parseDuration } from '../../base/quantities.ts'
import type { Duration } from '../../base/quantities.ts'
import type { Calendar } from '../../calendar/calendar.ts'
import type { Coordinates } from '../../calendar/sun.ts'
import { openWindow } from '../../calendar/window.ts'
import type { Edge, Window } from '../../calendar/window.ts'
import { paramsOf, parseNamedFilter } from '../../topics/filters.ts'
import type { NamedFilter } from '../../topics/filters.ts'
import { topicMatches } from '../../topics/matches.ts'
import type { CompiledRule, CompiledTrigger } from './compiled-rule.ts'
import { pipeline } from './pipeline.ts'
import { placeOf } from '../authoring/place.ts'
import type { Between, RuleDefinition } from '../authoring/rule.ts'
import type { PresenceWatch } from '../authoring/triggers/presence.ts'
import { topic } from '../authoring/triggers/topic.ts'
import { TRIGGER } from '../authoring/triggers/trigger.ts'
import type { Schedule, Trigger } from '../authoring/triggers/trigger.ts'
import { problem, problemsOf } from './problem.ts'
import type { Problem, Spot } from './problem.ts'
import { ruleShape } from './rule-shape.ts'

/** How many firings at least are one (`together`). */
const LEAST_TOGETHER = 5

export interface CompileOptions {
  /** First level of the hub's own topics: `vigie`. */
  readonly root: string
  /** Where the hub is, for the sun. */
  readonly place?: Coordinates | undefined
}

export interface CompiledOne {
  readonly rule: CompiledRule
  readonly schedules: readonly CompiledSchedule[]
  /** Topics by which the hub says that it waits for others. */
  readonly expectations: readonly Expectation[]
  /** Pings that must be declared for it. */
  readonly pings: readonly string[]
  readonly warnings: readonly Problem[]
}

/** A schedule that somebody must keep, publishing each tick to the topic. */
/** A topic that a rule expects to speak, as the topic on which the hub says that it waits for it. */
export interface Expectation {
  readonly rule: string
  readonly topic: string
}

export interface CompiledSchedule extends Omit<Schedule, 'open'> {
  readonly rule: string
  readonly topic: string
  readonly calendar: Calendar
}

export function compileRule(
  name: string,
  definition: RuleDefinition,
  spot: Spot,
  { root, place }: CompileOptions,
): CompiledOne | readonly Problem[] {
  const parsed = ruleShape.safeParse(definition)
  if (!parsed.success) return problemsOf(spot, parsed.error, ruleShape)
  const wrong = contradictions(definition).map((sentence) => problem(spot, sentence))
  const bodies = triggersOf(definition).map((trigger) => trigger[TRIGGER])
  const triggers: CompiledTrigger[] = []
  const schedules: CompiledSchedule[] = []
  const expectations: Expectation[] = []
  let watch: PresenceWatch | undefined
  for (const [index, body] of bodies.entries()) {
    try {
      const filter = parseNamedFilter(body.filter({ root, rule: name, index }))
      triggers.push({
        filter,
        text: body.text,
        params: body.params,
        refuses: body.refuses,
        origin: body.origin,
        says: body.presence?.says,
        isExpectation: false,
      })
      const expected = body.expected?.() ?? []
      if (expected.length > 0) {
        const waiting = expectationTrigger(`${root}/expected/${name}`, filter, body.text)
        triggers.push(waiting)
        expectations.push(
          ...expected.map((each) => ({ rule: name, topic: `${root}/expected/${name}/${each}` })),
        )
      }
      if (body.schedule) {
        const { open, ...schedule } = body.schedule
        const calendar = attempt(() => open(place))
        if (calendar instanceof Error) wrong.push(problem(spot, `on: ${body.text}: ${messageOf(calendar)}`))
        else schedules.push({ ...schedule, calendar, rule: name, topic: filter.filter })
      }
      if (body.silence !== undefined) parseDuration(body.silence)
      watch ??= body.presence?.watch()
    } catch (error) {
      wrong.push(problem(spot, `on: ${messageOf(error)}`))
    }
  }
  const window = attempt(() => windowOf(definition, place))
  if (window instanceof Error) wrong.push(problem(spot, `between: ${messageOf(window)}`))
  if (wrong.length > 0 || window instanceof Error) return wrong
  const { mode = 'parallel', ttl, together } = definition
  const silence = bodies.find((body) => body.silence !== undefined)?.silence as Duration | undefined
  const task = bodies.find((body) => body.task !== undefined)?.task
  const [kind, limit] = typeof mode === 'string' ? ([mode, Infinity] as const) : mode
  const rule: CompiledRule = {
    name,
    file: spot.file,
    line: spot.line,
    definition,
    enabled: definition.enabled ?? true,
    dryRun: definition.dryRun ?? false,
    takesOld: definition.retained === 'fire',
    triggers,
    window,
    ...pipeline(definition, { silence, task, watch }, window),
    together: together && {
      windowMs: parseDuration(together.window),
      atLeast: together.atLeast ?? LEAST_TOGETHER,
    },
    mode: { kind, limit },
    ttlMs: ttl === undefined ? Infinity : parseDuration(ttl),
  }
  return {
    rule,
    schedules,
    expectations,
    pings: bodies.flatMap(({ ping }) => (ping === undefined ? [] : [ping])),
    warnings: warningsOf(rule).map((sentence) => problem(spot, sentence)),
  }
}

function triggersOf({ on }: RuleDefinition): Trigger<object>[] {
  const all = typeof on === 'object' && !(TRIGGER in on) ? on : [on]
  return all.map((each) => (typeof each === 'string' ? topic(each) : each))
}

/** Sentences on options that contradict each other. */
function contradictions(rule: RuleDefinition): string[] {
  const { above, below, until, debounce } = rule
  const silent = triggersOf(rule).filter((trigger) => trigger[TRIGGER].silence !== undefined)
  const following = triggersOf(rule).filter((trigger) => trigger[TRIGGER].presence !== undefined)
  const threshold = above !== undefined || below !== undefined
  const found: (string | false)[] = [
    !threshold && until !== undefined && 'until: it belongs to above or below, and there is neither',
    !threshold && rule.value !== undefined && 'value: it belongs to above or below, and there is neither',
    above !== undefined &&
      below !== undefined &&
      until !== undefined &&
      'until: with both above and below it is not clear which of them lets go there; make it two rules',
    above !== undefined &&
      until !== undefined &&
      until > above &&
      `until: expected at most ${above}, where above begins, got ${until}`,
    below !== undefined &&
      until !== undefined &&
      until < below &&
      `until: expected at least ${below}, where below begins, got ${until}`,
    silent.length > 0 && triggersOf(rule).length > 1 && 'on: silence(…) stands alone; make it two rules',
    silent.length > 0 &&
      rule.for !== undefined &&
      'for: silence(…) has its own length; leave one of them out',
    following.length > 0 &&
      triggersOf(rule).length > 1 &&
      'on: a trigger with grace or flapping stands alone; make it two rules',
    following.length > 0 &&
      rule.for !== undefined &&
      'for: the trigger has its own grace; leave one of them out',
    typeof debounce === 'object' &&
      parseDuration(debounce.longest) < parseDuration(debounce.quiet) &&
      'debounce.longest: it is shorter than quiet',
  ]
  return found.filter((sentence) => sentence !== false)
}

/** Reads what the hub says of the topics on a filter that are expected. */
function expectationTrigger(prefix: string, filter: NamedFilter, text: string): CompiledTrigger {
  return {
    filter: parseNamedFilter(`${prefix}/#topic`),
    text: `${text}, expected`,
    params: ({ topic: meant = '' }) =>
      topicMatches(filter.filter, meant) ? paramsOf(filter, meant) : undefined,
    refuses: undefined,
    origin: 'hub',
    says: undefined,
    isExpectation: true,
  }
}

function windowOf({ between }: RuleDefinition, hubPlace: Coordinates | undefined): Window | undefined {
  if (between === undefined) return undefined
  const { place, ...spec }: Between = isPair(between) ? { from: between[0], to: between[1] } : between
  return openWindow({ ...spec, place: place ? placeOf(place) : hubPlace })
}

const isPair = (between: object): between is readonly [Edge, Edge] => Array.isArray(between)

function attempt<T>(work: () => T): T | Error {
  try {
    return work()
  } catch (error) {
    return error as Error
  }
}

/** Warnings on a rule that loads but is probably not meant as it is written. */
function warningsOf(rule: CompiledRule): string[] {
  return rule.triggers.flatMap(({ filter }) => [
    ...sharedMemory(rule, filter),
    ...literalPublishes(rule.definition.do)
      .filter((name) => topicMatches(filter.filter, name))
      .map(
        (name) =>
          `it publishes to ${JSON.stringify(name)}, which is on its own filter ` +
          `${JSON.stringify(filter.text)}: it may fire itself, until the chain of causes is cut`,
      ),
  ])
}

/** Topics that a wildcard without a name lumps together, in a rule that remembers something. */
function sharedMemory({ definition, hold, gates, conditions }: CompiledRule, filter: NamedFilter): string[] {
  const remembers =
    hold !== undefined ||
    gates.length > 0 ||
    conditions.some(({ name }) => name === 'changed' || name === 'threshold')
  const [name, ...others] = filter.captures.map((capture) => capture.name)
  const wildcards = filter.filter.split('/').filter((level) => level === '+' || level === '#')
  if (!remembers || definition.key !== undefined || wildcards.length === filter.captures.length) return []
  // Whatever a device says breaks its silence: silence('sensors/+id/#', …) is meant so.
  if (hold?.name === 'silence' && name !== undefined) return []
  const topics = name === undefined ? 'all topics' : `topics of the same ${[name, ...others].join(' and ')}`
  const key = name === undefined ? "key: () => ''" : `key: ({ params }) => params.${name}`
  return [
    `${topics} on ${JSON.stringify(filter.text)} share one timer and one memory; name every wildcard ` +
      `(+id, #rest) to give each topic its own, or say ${key} to have it so`,
  ]
}

/** Topics that stand as plain texts in the source of `do`. */
const literalPublishes = (code: RuleDefinition['do']): string[] =>
  [...String(code).matchAll(/\bpublish\(\s*(['"`])([^'"`$\\+#]+)\1/g)].map(([, , name]) => name as string)
