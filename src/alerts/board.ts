// All alerts of a hub: commands, moments and a clock that is set go in; changed alerts, flips, silences and
// notifications come out, and what is to be told. Nothing here waits, reads a clock or touches the world.
//
// Always: what is handed to the sink is the whole state. A board that is restored from it goes on as this one
// would.

import { WakeQueue } from '../base/wake-queue.ts'
import { printable } from '../base/printable.ts'
import { nearMiss } from '../base/near-miss.ts'
import { isOpen } from '../model/alert.ts'
import type { Alert, AlertFlip, NotificationRecord, Silence } from '../model/alert.ts'
import type { AlertSettings } from '../model/alert-settings.ts'
import { routeToAll } from '../model/alert-settings.ts'
import type { Earlier } from '../model/clock-behind.ts'
import type { JsonObject } from '../model/json.ts'
import { shiftMoments } from '../model/moments.ts'
import type { AlertCommand, Heard } from './command.ts'
import { HeldAlerts } from './held-alerts.ts'
import { acknowledge, fireWhenDue, isSaidAgain, raise, resolve, silence, unacknowledge } from './machine.ts'
import type { Said } from './machine.ts'
import { Notifications } from './notifications.ts'
import type { NotificationPorts } from './notifications.ts'
import { Silences } from './silences.ts'

/** More open alerts than this are not held: whoever raises another one is refused. */
export const MOST_OPEN_ALERTS = 10_000
const MOST_SILENCES = 1_000

/** Where the board's state is written down. */
export interface BoardSink {
  alert(alert: Alert): void
  flip(flip: AlertFlip): void
  /** `null`: it is over. */
  silence(name: string, silence: Silence | null): void
  notification(notification: NotificationRecord): void
}

export interface BoardPorts extends Pick<NotificationPorts, 'tell'> {
  readonly settings: Pick<AlertSettings, 'channels' | 'routes' | 'windows'>
  readonly sink: BoardSink
  /** Reads an alert that is not held. */
  readonly stored: (key: string) => Alert | undefined
}

/** What came of a command. */
export type BoardAnswer =
  | { readonly ok: true; readonly alert: Alert | null; readonly silence: Silence | null }
  | { readonly ok: false; readonly reason: string }

/** What led to a change. */
interface Why {
  readonly at: number
  readonly event: number | null
  readonly by: string
}

export class Board {
  readonly #sink: BoardSink
  readonly #alerts: HeldAlerts
  readonly #silences: Silences
  readonly #pending = new WakeQueue<string>((key) => key)
  /** What is to be told, and to whom. */
  readonly notifications: Notifications

  /** @throws RangeError when a window or quiet hours are wrong */
  constructor({ settings, sink, stored, tell }: BoardPorts) {
    const channels = Object.keys(settings.channels)
    this.#sink = sink
    this.#alerts = new HeldAlerts(stored)
    this.#silences = new Silences(settings.windows)
    this.notifications = new Notifications({
      routes: settings.routes.length > 0 ? settings.routes : [routeToAll(channels)],
      channels: new Set(channels),
      member: (key) => {
        const alert = this.#alerts.get(key)
        return alert && this.#alerts.member(alert)
      },
      keep: (notification) => sink.notification(notification),
      tell,
    })
  }

  /**
   * Takes over what the store holds. What is due already is done at the moment `now`, so that what happened
   * before can be taken first. Routes, channels and windows may be others than before.
   * @param alerts all that are open, and those that a notification names
   */
  restore(
    alerts: readonly Alert[],
    silences: readonly Silence[],
    notifications: readonly NotificationRecord[],
    now: number,
  ): void {
    for (const alert of alerts) this.#hold(alert)
    this.#silences.restore(silences, now)
    this.notifications.restore(notifications, now)
    for (const alert of this.#alerts.open()) this.notifications.refresh(alert, now, false)
  }

  isOpen(key: string): boolean {
    return this.#alerts.isOpen(key)
  }

  /** The earliest moment at which something is due; `null` for none. */
  get nextWakeAt(): number | null {
    const next = Math.min(
      this.#pending.nextAt ?? Infinity,
      this.#silences.nextWakeAt ?? Infinity,
      this.notifications.nextWakeAt ?? Infinity,
    )
    return next === Infinity ? null : next
  }

  /** Does the earliest that is due by then. Returns whether there was anything. */
  wake(now: number): boolean {
    const at = this.nextWakeAt
    if (at === null || at > now) return false
    const fires = this.#pending.takeDue(at)
    if (fires) {
      const before = this.#alerts.get(fires.value)
      if (before) this.#put(before, fireWhenDue(before, at, this.#silencedAt(at)), { ...TIME, at })
    } else if (this.#silences.nextWakeAt === at) this.#changeSilences(at)
    else this.notifications.wake(at)
    return true
  }

  take({ command, by, step }: Heard, said: Pick<Said, 'at' | 'event' | 'cause'>): BoardAnswer {
    const why = { at: said.at, event: said.event, by }
    switch (command.verb) {
      case 'raise':
        return this.#raise(command, { ...said, step }, why)
      case 'resolve': {
        const before = this.#alerts.get(command.key)
        if (isSaidAgain(before, { step })) return done(before)
        const after = resolve(before, command, { ...said, step })
        return after === undefined ? this.#notOpen(command.key) : this.#put(before, after, why)
      }
      case 'ack':
      case 'unack':
        return this.#acknowledge(command, why)
      case 'silence':
        return this.#silence(command, said.event, why)
      case 'unsilence': {
        if (this.#silences.get(command.key) === undefined) return this.#noSilence(command.key)
        this.#silences.remove(command.key)
        this.#sink.silence(command.key, null)
        this.#settleSilences(why)
        return done()
      }
    }
    return command satisfies never
  }

  /** The wall clock has been set: everything keeps its length; windows go by the new time. */
  clockSet(fromAt: number, toAt: number, earlier?: Earlier): void {
    const byMs = toAt - fromAt
    for (const silent of this.#silences.clockSet(byMs, toAt, earlier)) this.#sink.silence(silent.name, silent)
    for (const alert of this.#alerts.open()) {
      const { setAt: _setAt, ...moved } = shiftMoments(
        { ...(alert as unknown as JsonObject), setAt: alert.raisedAt },
        byMs,
        earlier,
      )
      this.#hold(moved as unknown as Alert)
      this.#sink.alert(moved as unknown as Alert)
    }
    this.notifications.clockSet(byMs, toAt, earlier)
    this.#settleSilences({ at: toAt, event: null, by: 'the clock, which was set' })
  }

  #raise({ key, raised }: Extract<AlertCommand, { verb: 'raise' }>, said: Said, why: Why): BoardAnswer {
    const before = this.#alerts.get(key)
    if (isSaidAgain(before, said)) return done(before)
    if (!this.#alerts.isOpen(key) && this.#alerts.openCount >= MOST_OPEN_ALERTS)
      return no(`${MOST_OPEN_ALERTS.toLocaleString('en')} alerts are open, and no more are held`)
    return this.#put(before, raise(key, before, raised, said, this.#silencedAt(said.at)), why)
  }

  #acknowledge(
    { verb, key }: { readonly verb: 'ack' | 'unack'; readonly key: string },
    why: Why,
  ): BoardAnswer {
    const before = this.#alerts.get(key)
    if (before === undefined || !isOpen(before)) return this.#notOpen(key)
    const after =
      verb === 'ack'
        ? acknowledge(before, why.by, why.at)
        : unacknowledge(before, why.at, this.#silencedAt(why.at))
    if (after !== undefined) return this.#put(before, after, why)
    // Said twice, it is as true as said once.
    const isSo = (before.state === 'acknowledged') === (verb === 'ack')
    if (isSo && before.state !== 'pending') return done(before)
    return no(`the alert "${printable(key)}" is ${before.state}: nobody has been told of it yet`)
  }

  #silence(
    { key: name, match, forMs, comment }: Extract<AlertCommand, { verb: 'silence' }>,
    event: number,
    why: Why,
  ): BoardAnswer {
    if (forMs <= 0) return no('for: a silence needs a length')
    if (this.#silences.get(name) === undefined && this.#silences.size >= MOST_SILENCES)
      return no(`${MOST_SILENCES.toLocaleString('en')} silences go on, and no more are held`)
    const silent = { name, match, fromAt: why.at, untilAt: why.at + forMs, author: why.by, comment, event }
    this.#silences.put(silent)
    this.#sink.silence(name, silent)
    this.#settleSilences(why)
    return { ok: true, alert: this.#alerts.isOpen(name) ? this.#alerts.get(name)! : null, silence: silent }
  }

  /** Some have ended, or a window has begun or ended. */
  #changeSilences(at: number): void {
    for (const { name } of this.#silences.takeEnded(at)) this.#sink.silence(name, null)
    this.#silences.lookAt(at)
    this.#settleSilences({ ...TIME, at })
  }

  #settleSilences(why: Why): void {
    for (const alert of this.#alerts.open()) this.#settleSilence(alert, why)
  }

  #settleSilence(alert: Alert, why: Why): void {
    const after = silence(alert, why.at, this.#silencedAt(why.at))
    if (after !== alert) this.#put(alert, after, { ...why, by: after.silencedBy ?? why.by })
  }

  #silencedAt(at: number) {
    return (alert: Alert): string | null => this.#silences.covering(alert, at)
  }

  #put(before: Alert | undefined, after: Alert, { at, event, by }: Why): BoardAnswer {
    if (after === before) return done(after)
    this.#hold(after)
    this.#sink.alert(after)
    const { key, incident, flips: number, state: to } = after
    const from = before?.state ?? null
    if (before?.flips !== number) this.#sink.flip({ key, incident, number, from, to, at, event, by })
    this.notifications.refresh(after, at)
    if (from === null || (from === 'resolved') !== (to === 'resolved') || before?.parent !== after.parent)
      for (const child of this.#alerts.descendants(key)) {
        const alert = this.#alerts.get(child)
        if (alert) this.notifications.refresh(alert, at)
      }
    return done(after)
  }

  #hold(alert: Alert): void {
    this.#alerts.put(alert)
    this.#pending.set(alert.key, alert.firesAt)
  }

  #notOpen(key: string): BoardAnswer {
    const meant = nearMiss(
      key,
      this.#alerts.open().map((alert) => alert.key),
    )
    const hint = meant === undefined ? '' : `; did you mean "${printable(meant)}"?`
    return no(`there is no open alert "${printable(key)}"${hint}`)
  }

  #noSilence(name: string): BoardAnswer {
    const meant = nearMiss(name, this.#silences.names)
    const hint = meant === undefined ? '' : `; did you mean "${printable(meant)}"?`
    return no(`there is no silence "${printable(name)}"${hint}`)
  }
}

const done = (alert: Alert | null = null): BoardAnswer => ({ ok: true, alert, silence: null })
const no = (reason: string): BoardAnswer => ({ ok: false, reason })
/** No command led to the change. */
const TIME = { event: null, by: 'time' } as const
