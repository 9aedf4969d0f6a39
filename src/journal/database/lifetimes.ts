// When the hub was alive: one row per start, with a heartbeat, so that the next start knows for how long nobody watched.

import type { Database } from 'better-sqlite3'
import type { Downtime } from '../../model/store.ts'

/** What ends without a word is thought to have ended at its last heartbeat or its last event, whichever is later. */
export function beginLifetime(db: Database, now: number): void {
  db.transaction(() => {
    db.prepare(
      `UPDATE lifetimes
       SET seen_at = max(seen_at, coalesce((SELECT at FROM events ORDER BY id DESC LIMIT 1), 0))
       WHERE id = (SELECT max(id) FROM lifetimes) AND stopped_at IS NULL`,
    ).run()
    db.prepare('INSERT INTO lifetimes (started_at, seen_at) VALUES (?, ?)').run(now, now)
    db.exec('DELETE FROM lifetimes WHERE id <= (SELECT max(id) FROM lifetimes) - 1000')
  }).immediate()
}

export function beat(db: Database, now: number): void {
  db.prepare('UPDATE lifetimes SET seen_at = ? WHERE id = (SELECT max(id) FROM lifetimes)').run(now)
}

export function endLifetime(db: Database, now: number): void {
  db.prepare(
    'UPDATE lifetimes SET seen_at = ?, stopped_at = ? WHERE id = (SELECT max(id) FROM lifetimes)',
  ).run(now, now)
}

/** Between each lifetime and the next, oldest first. */
export const downtimesOf = (db: Database): Downtime[] =>
  db
    .prepare<[], { seenAt: number; stoppedAt: number | null; toAt: number | null }>(
      `SELECT seen_at AS seenAt, stopped_at AS stoppedAt, lead(started_at) OVER (ORDER BY id) AS toAt
       FROM lifetimes ORDER BY id`,
    )
    .all()
    .flatMap(({ seenAt, stoppedAt, toAt }) =>
      // A wall clock that was set back meanwhile makes no negative gap.
      toAt === null ? [] : [{ fromAt: Math.min(stoppedAt ?? seenAt, toAt), toAt, clean: stoppedAt !== null }],
    )
