// Writes alerts, their flips, silences and notifications. The caller holds a savepoint.

import type { Database } from 'better-sqlite3'
import type { Alert, AlertFlip, NotificationRecord, Silence } from '../../model/alert.ts'
import type { Change } from '../../model/store.ts'
import { ALERT_COLUMNS, NOTIFICATION_COLUMNS, SILENCE_COLUMNS, upsert } from './alert-columns.ts'

export class AlertWriter {
  readonly #sql

  constructor(db: Database) {
    this.#sql = prepare(db)
  }

  write({ alerts, alertFlips, silences, notifications, alertsPublished }: Change): void {
    for (const alert of alerts ?? []) this.#putAlert(alert)
    for (const flip of alertFlips ?? []) this.#addFlip(flip)
    for (const { name, silence } of silences ?? [])
      if (silence === null) this.#sql.dropSilence.run(name)
      else this.#putSilence(silence)
    for (const notification of notifications ?? []) this.#putNotification(notification)
    for (const { key, version } of alertsPublished ?? []) this.#sql.published.run(version, key, version)
  }

  #putAlert({ cause, labels, saidBy, ...alert }: Alert): void {
    this.#sql.putAlert.run({
      ...alert,
      labels: JSON.stringify(labels),
      saidBy: JSON.stringify(saidBy),
      causeEvent: cause?.event ?? null,
      causeTopic: cause?.topic ?? null,
    })
  }

  #addFlip({ key, number, incident, from, to, at, event, by }: AlertFlip): void {
    this.#sql.addFlip.run(key, number, incident, from, to, at, event, by)
  }

  #putSilence({ match, ...silence }: Silence): void {
    this.#sql.putSilence.run({ ...silence, match: JSON.stringify(match) })
  }

  #putNotification({ alerts, told, handle, isClosed, ...notification }: NotificationRecord): void {
    this.#sql.putNotification.run({
      ...notification,
      alerts: JSON.stringify(alerts),
      told: told && JSON.stringify(told),
      handle: handle === null ? null : JSON.stringify(handle),
      isClosed: isClosed ? 1 : 0,
    })
  }
}

const prepare = (db: Database) => ({
  putAlert: db.prepare<[object]>(upsert('alerts', ALERT_COLUMNS, ['key'])),
  addFlip: db.prepare(
    `INSERT INTO alert_flips (key, number, incident, from_state, to_state, at, event, by)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  putSilence: db.prepare<[object]>(upsert('silences', SILENCE_COLUMNS, ['name'])),
  dropSilence: db.prepare('DELETE FROM silences WHERE name = ?'),
  putNotification: db.prepare<[object]>(
    upsert('notifications', NOTIFICATION_COLUMNS, ['channel', 'subject']),
  ),
  published: db.prepare('UPDATE alerts SET published = ? WHERE key = ? AND published < ?'),
})
