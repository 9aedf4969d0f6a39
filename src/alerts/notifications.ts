// The notifications that are not over: which alerts they are about, when each is to be told, and which run is
// telling it.
//
// Always: one run tells a notification at a time. What changes meanwhile is told by that run's next attempt,
// or by a new run once it has ended.

import { createHash } from 'node:crypto'
import { openWindow } from '../calendar/window.ts'
import type { Window } from '../calendar/window.ts'
import { isOpen } from '../model/alert.ts'
import type { Alert, NotificationRecord, ToldState } from '../model/alert.ts'
import type { AlertRoute } from '../model/alert-settings.ts'
import type { Json } from '../model/json.ts'
import { shiftMoments } from '../model/moments.ts'
import type { Earlier } from '../model/clock-behind.ts'
import { dueOf, toldOf } from './due.ts'
import type { Due, DueWay, Member } from './due.ts'
import { isGroup, LiveNotifications } from './live-notifications.ts'
import type { NotificationRef } from './live-notifications.ts'
import { targetsOf } from './routes.ts'
import type { Target } from './routes.ts'

export interface NotificationPorts {
  readonly routes: readonly AlertRoute[]
  /** Names of the channels that there are. */
  readonly channels: ReadonlySet<string>
  readonly member: (key: string) => Member | undefined
  /** Writes it down. */
  readonly keep: (notification: NotificationRecord) => void
  /** Opens a run that tells it, and returns the number of the run. */
  readonly tell: (notification: NotificationRecord, at: number) => number
}

/** What is to be told now. */
export interface Content {
  readonly notification: NotificationRecord
  readonly occasion: Due['occasion']
  /** Those that are told of, with what they are by now. */
  readonly members: readonly Member[]
  readonly alerts: ToldState['alerts']
}

/** A notification that its service can still change, while one of its alerts fires. */
export interface ShownFiring extends Pick<NotificationRecord, 'id' | 'channel'> {
  readonly handle: Json
  /** Keys of the alerts that fire, and that people were told of. */
  readonly firing: readonly string[]
}

export class Notifications {
  readonly #ports: NotificationPorts
  readonly #quiet: readonly (Window | null)[]
  readonly #live = new LiveNotifications()

  constructor(ports: NotificationPorts) {
    this.#ports = ports
    this.#quiet = ports.routes.map(({ quiet }) => quiet && openWindow(quiet))
  }

  get nextWakeAt(): number | null {
    return this.#live.nextWakeAt
  }

  /**
   * Takes over what the store holds, when all alerts are held. Routes and channels may be others than before;
   * what is due already is told by a wake at the moment `now`.
   */
  restore(notifications: readonly NotificationRecord[], now: number): void {
    for (const notification of notifications) {
      const { channel, alerts, telling } = notification
      this.#live.put(notification)
      const target = alerts.map((key) => this.#targetOf(key, channel)).find((each) => each !== undefined)
      const moved = { ...notification, route: target?.route ?? null }
      const isGone = !this.#ports.channels.has(channel)
      if (isGone && telling === null) this.#keep({ ...moved, dueAt: null, isClosed: true })
      else this.#schedule(moved, now, false)
    }
  }

  /**
   * An alert has changed, or what mutes it.
   * @param isBegun `false`: what is due already is told by the next wake, not now
   */
  refresh(alert: Alert, now: number, isBegun = true): void {
    const member = this.#ports.member(alert.key)
    if (member?.shown === 'firing')
      for (const target of targetsOf(alert, this.#ports.routes)) this.#include(alert, target, now)
    for (const known of this.#live.about(alert.key)) {
      const route = isGroup(known) ? known.route : (this.#targetOf(alert.key, known.channel)?.route ?? null)
      this.#schedule({ ...known, route }, now, isBegun)
    }
  }

  /** Takes the earliest that is due by then, and has it told. Returns whether there was one. */
  wake(now: number): boolean {
    const due = this.#live.takeDue(now)
    if (due) this.#schedule(due.notification, due.at)
    return due !== undefined
  }

  clockSet(byMs: number, now: number, earlier?: Earlier): void {
    for (const notification of this.#live.all) {
      const { told, openedAt } = notification
      const setAt = told?.at ?? openedAt
      const moved = shiftMoments({ told, openedAt, setAt }, byMs, earlier) as Pick<
        NotificationRecord,
        'told' | 'openedAt'
      >
      this.#schedule({ ...notification, told: moved.told, openedAt: moved.openedAt }, now)
    }
  }

  /**
   * What a run is to tell now; `null` for nothing.
   * @param isUncertain an attempt of the run was cut off: people may have been told
   */
  content(ref: NotificationRef, run: number, now: number, isUncertain: boolean): Content | null {
    const notification = this.#live.get(ref)
    if (notification === undefined) return null
    if (notification.telling !== null && notification.telling !== run) return null
    const members = this.#membersOf(notification)
    const due = dueOf(notification, members, this.#wayOf(notification), now, isUncertain)
    if (due === null || due === 'over' || due.at > now) return null
    const told = notification.told?.alerts ?? {}
    const isShown = ({ alert, shown }: Member): boolean =>
      shown === 'firing' ||
      (shown !== 'quiet' && (alert.key in told || (shown === 'resolved' && notification.told === null)))
    const shown = members.filter(isShown)
    const before = members.filter((member) => !isShown(member) && member.alert.key in told)
    const alerts = Object.fromEntries([
      ...before.map(({ alert: { key } }) => [key, told[key] ?? ''] as const),
      ...shown.map(({ alert }) => [alert.key, toldOf(alert)] as const),
    ])
    return { notification, occasion: due.occasion, members: shown, alerts }
  }

  shownFiring(): readonly ShownFiring[] {
    return [...this.#live.all].flatMap((notification) => {
      const { id, channel, handle, told, alerts } = notification
      if (handle === null || told === null) return []
      const isFiring = (key: string): boolean => this.#ports.member(key)?.alert.state === 'firing'
      const firing = alerts.filter((key) => key in told.alerts && isFiring(key))
      return firing.length === 0 ? [] : [{ id, channel, handle, firing }]
    })
  }

  /** A run has told it. */
  told(ref: NotificationRef, told: ToldState, handle: Json | null, now: number): void {
    const notification = this.#live.get(ref)
    if (notification === undefined) return
    const { tellings, alerts } = notification
    const next = { ...notification, told, handle, tellings: tellings + 1 }
    const resolved = this.#wayOf(notification).route?.resolved
    const isDone = (key: string): boolean => {
      if (this.#ports.member(key)?.shown !== 'resolved') return false
      return resolved === false || (told.alerts[key]?.startsWith('resolved') ?? true)
    }
    const left = alerts.filter((key) => !isDone(key))
    this.#settled(left.length === 0 ? next : { ...next, alerts: left }, told.run, now)
  }

  /** A run has ended without telling anything, since there was nothing to tell. */
  untold(ref: NotificationRef, run: number, now: number): void {
    const notification = this.#live.get(ref)
    if (notification?.telling === run) this.#settled(notification, run, now)
  }

  /** A run has given up. Nothing is told before something changes, or the next reminder. */
  gaveUp(ref: NotificationRef, run: number, now: number): void {
    const notification = this.#live.get(ref)
    if (notification?.telling !== run) return
    const way = this.#wayOf(notification)
    const remindMs = way.route?.remindMs ?? null
    const isOver = dueOf(notification, this.#membersOf(notification), way, now) === 'over'
    const dueAt = remindMs === null || isOver ? null : now + remindMs
    this.#keep({ ...notification, telling: null, dueAt, isClosed: isOver })
  }

  #settled(notification: NotificationRecord, run: number, now: number): void {
    const telling = notification.telling === run ? null : notification.telling
    this.#schedule({ ...notification, telling }, now)
  }

  #include(alert: Alert, target: Target, now: number): void {
    const { channel, route } = target
    if (!this.#ports.channels.has(channel)) return
    const groupMs = this.#ports.routes[route]?.groupMs ?? null
    if (this.#live.about(alert.key).some((known) => known.channel === channel)) return
    const group = groupMs === null ? undefined : this.#live.group(channel, route)
    if (group) return this.#keep({ ...group, alerts: [...group.alerts, alert.key], event: alert.event })
    const subject = groupMs === null ? `alert/${alert.key}` : `group/${route}/${now.toString(36)}`
    this.#keep({
      id: createHash('sha256').update(`${channel}\0${subject}\0${now}`).digest('hex').slice(0, 24),
      channel,
      subject,
      route,
      alerts: [alert.key],
      openedAt: now,
      dueAt: null,
      telling: null,
      tellings: 0,
      told: null,
      handle: null,
      event: alert.event,
      isClosed: false,
    })
  }

  /**
   * Decides anew when it is told: now, later, never again.
   * @param isBegun `false`: not now, but by the next wake
   */
  #schedule(notification: NotificationRecord, now: number, isBegun = true): void {
    if (notification.telling !== null) return this.#keep({ ...notification, dueAt: null })
    const way = this.#wayOf(notification)
    const members = this.#membersOf(notification)
    const due = dueOf(notification, members, way, now)
    if (due === 'over') return this.#keep({ ...notification, dueAt: null, isClosed: true })
    if (due === null || due.at > now || !isBegun)
      return this.#keep({ ...notification, dueAt: due === null ? null : due.at })
    const event = Math.max(notification.event, ...members.map(({ alert }) => alert.event))
    const told = { ...notification, dueAt: null, event }
    this.#keep({ ...told, telling: this.#ports.tell(told, now) })
  }

  /**
   * One of a group that has become worse may be for another route: then that decides for all of them, since it may
   * not wait for others, or for the end of quiet hours.
   */
  #wayOf(notification: NotificationRecord): DueWay {
    const { channel, alerts, route } = notification
    if (!isGroup(notification)) return this.#wayBy(channel, route)
    const others = alerts.map((key) => this.#isOpen(key) && this.#targetOf(key, channel)?.route)
    const other = others.find((each) => typeof each === 'number' && each !== route)
    return this.#wayBy(channel, typeof other === 'number' ? other : route)
  }

  #wayBy(channel: string, place: number | null): DueWay {
    const route = place === null ? undefined : this.#ports.routes[place]
    if (route === undefined || place === null) return UNWANTED
    const isAtOnce = route.to.includes(channel)
    const afterMs = isAtOnce ? 0 : (route.after.find(({ to }) => to.includes(channel))?.afterMs ?? 0)
    return { route, quiet: this.#quiet[place] ?? null, afterMs }
  }

  #targetOf(key: string, channel: string): Target | undefined {
    const member = this.#ports.member(key)
    return member && targetsOf(member.alert, this.#ports.routes).find((target) => target.channel === channel)
  }

  #membersOf({ alerts }: NotificationRecord): readonly Member[] {
    return alerts.flatMap((key) => this.#ports.member(key) ?? [])
  }

  #isOpen(key: string): boolean {
    const member = this.#ports.member(key)
    return member !== undefined && isOpen(member.alert)
  }

  #keep(notification: NotificationRecord): void {
    if (this.#live.put(notification)) this.#ports.keep(notification)
  }
}

/** No route asks for the channel any more. */
const UNWANTED: DueWay = { route: null, quiet: null, afterMs: 0 }
