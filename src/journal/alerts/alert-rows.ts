// Reads alerts, their flips, silences and notifications.

import type { Database } from 'better-sqlite3'
import type { Alert, AlertFlip, NotificationRecord, Silence } from '../../model/alert.ts'
import type { AlertsQuery, AlertStory } from '../../model/queries.ts'
import { ALERT_COLUMNS, NOTIFICATION_COLUMNS, select, SILENCE_COLUMNS } from './alert-columns.ts'

type Row<Noun, Texts extends keyof Noun> = Omit<Noun, Texts> & { readonly [Name in Texts]: string }

interface AlertRow extends Row<Omit<Alert, 'cause'>, 'labels' | 'saidBy'> {
  readonly causeEvent: number | null
  readonly causeTopic: string | null
}

interface NotificationRow extends Omit<NotificationRecord, 'alerts' | 'told' | 'handle' | 'isClosed'> {
  readonly alerts: string
  readonly told: string | null
  readonly handle: string | null
  readonly isClosed: 0 | 1
}

const ALERT = select('alerts', ALERT_COLUMNS)
const NOTIFICATION = select('notifications', NOTIFICATION_COLUMNS)
/** SQLite uses the partial index only if the query repeats its condition. */
const OPEN = `state <> 'resolved'`
const LIVE = 'is_closed = 0'

export class AlertRows {
  readonly #db: Database
  readonly #sql

  constructor(db: Database) {
    this.#db = db
    this.#sql = prepare(db)
  }

  alert(key: string): Alert | undefined {
    const row = this.#sql.alert.get(key)
    return row && alertOf(row)
  }

  held(): Alert[] {
    return this.#sql.held.all().map(alertOf)
  }

  unpublished(): Alert[] {
    return this.#sql.unpublished.all().map(alertOf)
  }

  list({ states, limit }: AlertsQuery): Alert[] {
    const among = states === undefined ? '' : 'WHERE state IN (SELECT value FROM json_each(@states))'
    return this.#db
      .prepare<[object], AlertRow>(`${ALERT} ${among} ORDER BY since_at DESC, key LIMIT @limit`)
      .all({ limit, ...(states && { states: JSON.stringify(states) }) })
      .map(alertOf)
  }

  story(key: string): AlertStory | undefined {
    const alert = this.alert(key)
    return (
      alert && {
        alert,
        flips: this.#sql.flips.all(key),
        notifications: this.#sql.notificationsOf.all(key).map(notificationOf),
      }
    )
  }

  toldBy(notification: string): Alert[] | undefined {
    const isKnown = this.#sql.isNotification.get(notification) === 1
    return isKnown ? this.#sql.toldBy.all(notification).map(alertOf) : undefined
  }

  silences(): Silence[] {
    return this.#sql.silences
      .all()
      .map(({ match, ...row }) => ({ ...row, match: JSON.parse(match) as Silence['match'] }))
  }

  liveNotifications(): NotificationRecord[] {
    return this.#sql.live.all().map(notificationOf)
  }
}

const alertOf = ({ causeEvent, causeTopic, labels, saidBy, ...row }: AlertRow): Alert => ({
  ...row,
  labels: JSON.parse(labels) as Alert['labels'],
  saidBy: JSON.parse(saidBy) as Alert['saidBy'],
  cause: causeEvent === null || causeTopic === null ? null : { event: causeEvent, topic: causeTopic },
})

const notificationOf = ({ alerts, told, handle, isClosed, ...row }: NotificationRow): NotificationRecord => ({
  ...row,
  alerts: JSON.parse(alerts) as NotificationRecord['alerts'],
  told: told === null ? null : (JSON.parse(told) as NotificationRecord['told']),
  handle: handle === null ? null : (JSON.parse(handle) as NotificationRecord['handle']),
  isClosed: isClosed === 1,
})

const prepare = (db: Database) => ({
  alert: db.prepare<[string], AlertRow>(`${ALERT} WHERE key = ?`),
  held: db.prepare<[], AlertRow>(
    `${ALERT} WHERE ${OPEN} OR key IN (
       SELECT value FROM notifications, json_each(notifications.alerts) WHERE ${LIVE})`,
  ),
  unpublished: db.prepare<[], AlertRow>(`${ALERT} WHERE published < version`),
  flips: db.prepare<[string], AlertFlip>(
    `SELECT key, incident, number, from_state AS "from", to_state AS "to", at, event, by
     FROM alert_flips WHERE key = ? ORDER BY number`,
  ),
  silences: db.prepare<[], Row<Silence, 'match'>>(`${select('silences', SILENCE_COLUMNS)} ORDER BY name`),
  isNotification: db
    .prepare<[string], 0 | 1>('SELECT EXISTS (SELECT 1 FROM notifications WHERE id = ?)')
    .pluck(),
  toldBy: db.prepare<[string], AlertRow>(
    `${ALERT} WHERE key IN (
       SELECT value FROM notifications, json_each(notifications.alerts) WHERE notifications.id = ?) ORDER BY since_at DESC, key`,
  ),
  live: db.prepare<[], NotificationRow>(`${NOTIFICATION} WHERE ${LIVE}`),
  notificationsOf: db.prepare<[string], NotificationRow>(
    `${NOTIFICATION} WHERE ? IN (SELECT value FROM json_each(notifications.alerts))
     ORDER BY opened_at, channel`,
  ),
})
