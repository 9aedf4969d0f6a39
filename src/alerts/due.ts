// What a notification still has to tell, and when: from what its alerts are, what people were told last, and
// what the route says. The answer is the same whenever it is asked: before a telling is begun, and again when
// an attempt begins, which may be an hour later.

import type { Window } from '../calendar/window.ts'
import { isOpen } from '../model/alert.ts'
import type { Alert, NotificationRecord, ToldState } from '../model/alert.ts'
import type { AlertRoute } from '../model/alert-settings.ts'
import type { Occasion } from '../model/notification.ts'

/** What can be told of an alert at this moment. */
export type Shown =
  | 'firing'
  | 'acknowledged'
  | 'resolved'
  /** Nobody is to hear of it for now: it is pending, silenced, or its parent mutes it. */
  | 'quiet'

export interface Member {
  readonly alert: Alert
  readonly shown: Shown
  /** Since when it fires and nothing mutes it. */
  readonly audibleAt: number
}

export interface DueWay {
  /** `null`: no route asks for the channel any more. Those who were told are told how it ends. */
  readonly route: Pick<AlertRoute, 'groupMs' | 'remindMs' | 'resolved'> | null
  readonly quiet: Window | null
  /** How long after an alert has fired the channel is told. */
  readonly afterMs: number
}

export interface Due {
  readonly at: number
  readonly occasion: Exclude<Occasion, 'test'>
}

/**
 * @param now nothing is due before; what falls into quiet hours is due when they end
 * @param isUncertain an attempt was cut off: people may have been told what the store does not know of
 * @returns `null`: nothing, unless something changes; `over`: nothing any more
 */
export function dueOf(
  notification: Pick<NotificationRecord, 'openedAt' | 'told'>,
  members: readonly Member[],
  way: DueWay,
  now: number,
  isUncertain = false,
): Due | null | 'over' {
  const { told } = notification
  const isOver = members.every(({ alert }) => !isOpen(alert))
  const { route, quiet, afterMs } = way
  const due = (at: number, occasion: Due['occasion']): Due => {
    const from = Math.max(at, now)
    return { at: quiet?.isOpen(from) ? quiet.shutsAfter(from) : from, occasion }
  }
  if (route === null) {
    if (told === null || isEndTold(told, members)) return 'over'
    return isOver ? due(now, 'resolved') : null
  }
  const nextAt = (told?.at ?? notification.openedAt) + (route.groupMs ?? 0)
  if (told === null) {
    if (!isOver) {
      const newsAt = firstNews(members.filter(isFiring), afterMs)
      return newsAt === Infinity ? null : due(Math.max(newsAt, nextAt), newsFor(afterMs))
    }
    const isToldAnyway = isUncertain || (route.resolved === 'always' && afterMs === 0)
    if (isToldAnyway) return due(nextAt, 'resolved')
    // A group waits for as long as it said, for whoever is back by then.
    return now < nextAt ? due(nextAt, 'news') : 'over'
  }
  const change = changeSince(told, members, afterMs, route.resolved !== false)
  if (change !== null) return due(Math.max(change.at, nextAt), change.occasion)
  if (isOver) return 'over'
  return route.remindMs !== null && members.some(isFiring) ? due(told.at + route.remindMs, 'reminder') : null
}

/** What is new since people were told, and from when on it may be told. */
function changeSince(
  { alerts }: ToldState,
  members: readonly Member[],
  afterMs: number,
  tellsEnds: boolean,
): Due | null {
  const changed = members.filter((member) => isNew(alerts[member.alert.key], member))
  const firing = changed.filter(isFiring)
  if (firing.some(({ alert }) => alert.key in alerts)) return { at: 0, occasion: 'news' }
  if (firing.length > 0) return { at: firstNews(firing, afterMs), occasion: newsFor(afterMs) }
  if (changed.some(({ shown }) => shown === 'acknowledged')) return { at: 0, occasion: 'acknowledged' }
  return changed.length > 0 && tellsEnds ? { at: 0, occasion: 'resolved' } : null
}

/** @param told what was told of it last */
function isNew(told: string | undefined, { alert, shown }: Member): boolean {
  switch (shown) {
    case 'quiet':
      return false
    case 'firing':
      // It may have been silenced since, or resolved and raised anew.
      return told !== toldOf(alert)
    case 'acknowledged':
    case 'resolved':
      return told !== undefined && !told.startsWith(shown)
  }
  return shown satisfies never
}

/** Of everything that people were told, they were told how it ended. */
const isEndTold = ({ alerts }: ToldState, members: readonly Member[]): boolean =>
  members.every(({ alert }) => !(alert.key in alerts) || alerts[alert.key]?.startsWith('resolved'))

/** What is noted of an alert that is told. */
export const toldOf = ({ state, severity, flips }: Alert): string => `${state} ${severity} ${flips}`

const isFiring = ({ shown }: Member): boolean => shown === 'firing'

const newsFor = (afterMs: number): 'news' | 'escalation' => (afterMs > 0 ? 'escalation' : 'news')

const firstNews = (firing: readonly Member[], afterMs: number): number =>
  Math.min(...firing.map(({ audibleAt }) => audibleAt + afterMs))
