// The board against a slow model that looks at everything at every tick, and keeps nothing but what is plain to see:
// which alerts there are, and what each channel shows.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { matches } from '../../src/alerts/match.ts'
import { targetsOf } from '../../src/alerts/routes.ts'
import { isWorse } from '../../src/model/alert.ts'
import type { Severity } from '../../src/model/alert.ts'
import type { AlertRoute, MaintenanceWindow } from '../../src/model/alert-settings.ts'
import { House, route } from './house.ts'

const TICK = 10_000
const MINUTE = 60_000
const START = 21.9 * 60 * MINUTE
const TICKS = 240

const KEYS = ['nas', 'nas/disk', 'door'] as const
const CHANNELS = ['phone', 'post', 'pager']

type Said =
  | {
      readonly verb: 'raise'
      readonly severity: Severity
      readonly pending: number
      readonly parent: boolean
    }
  | { readonly verb: 'resolve' | 'ack' | 'unack' | 'unsilence' }
  | { readonly verb: 'silence'; readonly minutes: number }
type Step =
  | { readonly kind: 'say'; readonly key: string; readonly said: Said }
  | { readonly kind: 'channel'; readonly channel: string; readonly isDown: boolean }
  | { readonly kind: 'restart' }

interface Thing {
  state: 'pending' | 'firing' | 'acknowledged' | 'silenced' | 'resolved'
  severity: Severity
  parent: string | null
  sinceAt: number
  firesAt: number
  /** Counts changes of the state. */
  turn: number
}
interface Shown {
  kind: 'firing' | 'acknowledged'
  severity: Severity
  turn: number
  at: number
}

const QUIET = { from: '22:00', to: '22:10', timezone: 'UTC' }
const isQuiet = (at: number): boolean => at >= 22 * 60 * MINUTE && at < (22 * 60 + 10) * MINUTE
const WINDOW: MaintenanceWindow = {
  name: 'work',
  match: { key: 'nas/#' },
  cron: '15 22 * * *',
  forMs: 8 * MINUTE,
  timezone: 'UTC',
}
const isWindow = (at: number): boolean => at >= (22 * 60 + 15) * MINUTE && at < (22 * 60 + 23) * MINUTE

class Model {
  readonly things = new Map<string, Thing>()
  readonly silences = new Map<string, number>()
  readonly shown = new Map<string, Shown>()
  readonly told: string[] = []
  readonly #routes: readonly AlertRoute[]

  constructor(routes: readonly AlertRoute[]) {
    this.#routes = routes
  }

  time(now: number): void {
    for (const [key, until] of this.silences) if (until <= now) this.silences.delete(key)
    for (const [key, thing] of this.things) {
      if (thing.state === 'pending' && thing.firesAt <= now) this.#fire(key, thing, now)
      this.#settle(key, thing, now)
    }
  }

  say(key: string, said: Said, now: number): void {
    const thing = this.things.get(key)
    const isOpen = thing !== undefined && thing.state !== 'resolved'
    if (said.verb === 'raise') this.#raise(key, thing, said, now)
    else if (said.verb === 'silence') this.silences.set(key, now + said.minutes * MINUTE)
    else if (said.verb === 'unsilence') this.silences.delete(key)
    else if (isOpen && said.verb === 'resolve') this.#turn(thing, 'resolved', now)
    else if (isOpen && said.verb === 'ack' && (thing.state === 'firing' || thing.state === 'silenced'))
      this.#turn(thing, 'acknowledged', now)
    else if (isOpen && said.verb === 'unack' && thing.state === 'acknowledged') this.#fire(key, thing, now)
    for (const [each, one] of this.things) this.#settle(each, one, now)
  }

  #raise(key: string, thing: Thing | undefined, said: Extract<Said, { verb: 'raise' }>, now: number): void {
    const parent = said.parent ? 'nas' : null
    const firesAt = now + said.pending * MINUTE
    if (thing === undefined || thing.state === 'resolved') {
      const fresh: Thing = {
        state: 'pending',
        severity: said.severity,
        parent,
        sinceAt: now,
        firesAt,
        turn: (thing?.turn ?? 0) + 1,
      }
      this.things.set(key, fresh)
      if (said.pending === 0) this.#fire(key, fresh, now)
      return
    }
    const isNowWorse = isWorse(said.severity, thing.severity)
    if (isNowWorse) thing.severity = said.severity
    thing.parent = parent
    if (thing.state === 'pending' && said.pending === 0) this.#fire(key, thing, now)
    if (thing.state === 'acknowledged' && isNowWorse) this.#fire(key, thing, now)
  }

  #isSilent(key: string, now: number): boolean {
    const alert = { key, severity: 'info', labels: {}, rule: null, cause: null } as const
    return (this.silences.get(key) ?? 0) > now || (isWindow(now) && matches(WINDOW.match, alert))
  }

  #fire(key: string, thing: Thing, now: number): void {
    this.#turn(thing, this.#isSilent(key, now) ? 'silenced' : 'firing', now)
  }

  #settle(key: string, thing: Thing, now: number): void {
    const isSilent = this.#isSilent(key, now)
    if (thing.state === 'firing' && isSilent) this.#turn(thing, 'silenced', now)
    if (thing.state === 'silenced' && !isSilent) this.#turn(thing, 'firing', now)
  }

  #turn(thing: Thing, state: Thing['state'], now: number): void {
    thing.state = state
    thing.sinceAt = now
    thing.turn++
  }

  #isMuted(key: string, { parent }: Thing): boolean {
    if (parent === null || parent === key) return false
    const state = this.things.get(parent)?.state ?? 'resolved'
    return state !== 'resolved'
  }

  tell(now: number, down: ReadonlySet<string>): void {
    for (const channel of CHANNELS) {
      if (down.has(channel)) continue
      for (const [key, thing] of this.things) this.#tellOf(channel, key, thing, now)
    }
  }

  #tellOf(channel: string, key: string, thing: Thing, now: number): void {
    const id = `${channel} ${key}`
    const shown = this.shown.get(id)
    const alert = { key, severity: thing.severity, labels: {}, rule: null, cause: null }
    const target = targetsOf(alert, this.#routes).find((each) => each.channel === channel)
    const way = target && this.#routes[target.route]
    if (way?.quiet && isQuiet(now)) return
    const isAudible = thing.state === 'firing' && !this.#isMuted(key, thing)
    if (shown === undefined) {
      if (!isAudible || target === undefined) return
      const parent = thing.parent === null ? undefined : this.things.get(thing.parent)
      const from = Math.max(thing.sinceAt, parent?.state === 'resolved' ? parent.sinceAt : 0)
      if (now >= from + target.afterMs) this.#say(id, thing, target.afterMs > 0 ? 'escalation' : 'news', now)
    } else if (thing.state === 'resolved') {
      this.shown.delete(id)
      if (way?.resolved !== false) this.told.push(`${now} ${id} resolved`)
    } else if (target === undefined) return
    else if (isAudible && (shown.turn !== thing.turn || shown.severity !== thing.severity))
      this.#say(id, thing, 'news', now)
    else if (thing.state === 'acknowledged' && shown.kind === 'firing')
      this.#say(id, thing, 'acknowledged', now)
    else if (isAudible && way?.remindMs && now >= shown.at + way.remindMs)
      this.#say(id, thing, 'reminder', now)
  }

  #say(id: string, { state, severity, turn }: Thing, occasion: string, now: number): void {
    const kind = state === 'acknowledged' ? 'acknowledged' : 'firing'
    this.shown.set(id, { kind, severity, turn, at: now })
    this.told.push(`${now} ${id} ${occasion}`)
  }
}

const severity = fc.constantFrom<Severity>('info', 'warning', 'critical')
const said: fc.Arbitrary<Said> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      verb: fc.constant('raise' as const),
      severity,
      pending: fc.constantFrom(0, 0, 2),
      parent: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ verb: fc.constantFrom('resolve', 'ack', 'unack', 'unsilence') }) },
  {
    weight: 1,
    arbitrary: fc.record({ verb: fc.constant('silence' as const), minutes: fc.integer({ min: 1, max: 9 }) }),
  },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('say' as const), key: fc.constantFrom(...KEYS), said }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('channel' as const),
      channel: fc.constantFrom(...CHANNELS),
      isDown: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
)
const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: TICKS - 1 }), step), { maxLength: 60 })
const aRoute = fc
  .record({
    severity: fc.option(severity, { nil: undefined }),
    to: fc.subarray(CHANNELS),
    after: fc.option(fc.constantFrom(3, 7), { nil: undefined }),
    remind: fc.option(fc.constantFrom(4, 9), { nil: null }),
    isQuiet: fc.boolean(),
    resolved: fc.boolean(),
    goesOn: fc.boolean(),
  })
  .map(({ severity: level, to, after, remind, isQuiet: quiet, resolved, goesOn }) =>
    route(to, {
      match: level === undefined ? {} : { severity: [level] },
      after: after === undefined ? [] : [{ afterMs: after * MINUTE, to: CHANNELS }],
      remindMs: remind === null ? null : remind * MINUTE,
      quiet: quiet ? QUIET : null,
      resolved,
      continue: goesOn,
    }),
  )

test('whatever is said, the board tells what a model tells that looks at everything at every tick', () => {
  fc.assert(
    fc.property(fc.array(aRoute, { minLength: 1, maxLength: 3 }), steps, (routes, script) => {
      const house = new House({ routes, windows: [WINDOW] }, CHANNELS, START)
      house.restart()
      const model = new Model(routes)
      for (let tick = 0; tick < TICKS; tick++) {
        const now = START + tick * TICK
        if (tick > 0) house.pass(TICK)
        model.time(now)
        for (const [at, each] of script) {
          if (at !== tick) continue
          if (each.kind === 'restart') house.restart()
          else if (each.kind === 'channel') house.down[each.isDown ? 'add' : 'delete'](each.channel)
          else {
            house.say(each.key, each.said.verb, payloadOf(each.said))
            model.say(each.key, each.said, now)
          }
        }
        house.settle()
        model.tell(now, house.down)
      }
      for (const key of KEYS) expect(house.state(key)).toBe(model.things.get(key)?.state)
      const told = house.told.map(
        ({ channel, notification: { at, occasion, alerts } }) =>
          `${at} ${channel} ${alerts[0]?.key} ${occasion}`,
      )
      expect(told.toSorted()).toEqual(model.told.toSorted())
    }),
    { numRuns: 60 },
  )
})

function payloadOf(each: Said): object | undefined {
  if (each.verb === 'silence') return { for: `${each.minutes}m` }
  if (each.verb !== 'raise') return undefined
  const { severity: level, pending, parent } = each
  return { title: 'x', severity: level, pending: `${pending}m`, ...(parent && { parent: 'nas' }) }
}
