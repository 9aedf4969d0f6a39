// The alerts that are open and that no rule has raised, for a hub that begins: as the table has them, and as
// the hub's own commands will leave them that the engine has not taken yet.

import type { Database } from 'better-sqlite3'
import type { Alert } from '../../model/alert.ts'
import { jsonIn } from '../../model/hub-message.ts'
import { alertCommandFilter, alertCommandIn } from '../../topics/alert-topic.ts'
import { EventRows } from '../events/event-rows.ts'
import { namesFor } from './names-for.ts'

export type OpenAlert = Pick<Alert, 'key' | 'body'>

/** @param root the first level of the hub's own topics */
export function openAlerts(db: Database, root: string): OpenAlert[] {
  const table = db
    .prepare<[], [key: string, body: string]>(
      `SELECT key, body FROM alerts WHERE state <> 'resolved' AND rule IS NULL`,
    )
    .raw()
  const notTaken = new EventRows(db).select(
    `WHERE id > (SELECT cursor FROM journal)
       AND topic IN (SELECT id FROM topics WHERE name >= ? AND name < ?) ORDER BY id`,
  )
  const open = new Map(table.all())
  for (const { topic, payload, origin } of notTaken(...namesFor(alertCommandFilter(root)))) {
    const command = alertCommandIn(topic, root)
    const { body = '', rule = null } = (jsonIn(payload) ?? {}) as Readonly<Record<string, unknown>>
    if (command === null || origin !== 'hub' || rule !== null) continue
    if (command.verb === 'raise') open.set(command.key, String(body))
    else if (command.verb === 'resolve') open.delete(command.key)
  }
  return [...open].map(([key, body]) => ({ key, body }))
}
