// The notifications that are not over, as they are held in memory: by their names, by the alerts that they are
// about, and by the moments at which they are due.

import { WakeQueue } from '../base/wake-queue.ts'
import type { NotificationRecord } from '../model/alert.ts'

/** Names a notification among all. */
export type NotificationRef = Pick<NotificationRecord, 'channel' | 'subject'>

export class LiveNotifications {
  readonly #byId = new Map<string, NotificationRecord>()
  /** Ids by the keys of their alerts. */
  readonly #byAlert = new Map<string, Set<string>>()
  readonly #wakes = new WakeQueue<string>((id) => id)

  /** When the next one is due; `null` for never. */
  get nextWakeAt(): number | null {
    return this.#wakes.nextAt
  }

  get all(): Iterable<NotificationRecord> {
    return this.#byId.values()
  }

  get(ref: NotificationRef): NotificationRecord | undefined {
    return this.#byId.get(idOf(ref))
  }

  /** Those about the alert of this key. */
  about(key: string): readonly NotificationRecord[] {
    return Array.from(this.#byAlert.get(key) ?? [], (id) => this.#byId.get(id)!)
  }

  /** The group of a route that its channel shows. */
  group(channel: string, route: number): NotificationRecord | undefined {
    for (const each of this.#byId.values())
      if (each.channel === channel && each.route === route && isGroup(each)) return each
    return undefined
  }

  /** Takes out the earliest moment that has come by then. The notification stays. */
  takeDue(now: number): { readonly at: number; readonly notification: NotificationRecord } | undefined {
    const due = this.#wakes.takeDue(now)
    return due && { at: due.at, notification: this.#byId.get(due.value)! }
  }

  /** Holds it as it is now, or no longer if it is closed. Returns whether that differs from before. */
  put(notification: NotificationRecord): boolean {
    const id = idOf(notification)
    const before = this.#byId.get(id)
    const isChanged = before === undefined || !isSame(before, notification)
    if (isChanged) {
      for (const key of before?.alerts ?? []) this.#unlink(key, id)
      if (notification.isClosed) this.#byId.delete(id)
      else this.#hold(id, notification)
    }
    this.#wakes.set(id, notification.isClosed ? null : notification.dueAt)
    return isChanged
  }

  #hold(id: string, notification: NotificationRecord): void {
    this.#byId.set(id, notification)
    for (const key of notification.alerts) this.#link(key, id)
  }

  #link(key: string, id: string): void {
    const ids = this.#byAlert.get(key)
    if (ids) ids.add(id)
    else this.#byAlert.set(key, new Set([id]))
  }

  #unlink(key: string, id: string): void {
    const ids = this.#byAlert.get(key)
    ids?.delete(id)
    if (ids?.size === 0) this.#byAlert.delete(key)
  }
}

export const isGroup = ({ subject }: NotificationRef): boolean => subject.startsWith('group/')

const idOf = ({ channel, subject }: NotificationRef): string => `${channel}\0${subject}`

/** Each change makes new objects of the parts that it changes. */
const isSame = (one: NotificationRecord, other: NotificationRecord): boolean =>
  (Object.keys(other) as (keyof NotificationRecord)[]).every((name) => one[name] === other[name])
