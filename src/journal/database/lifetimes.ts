// Records when the hub was alive: one row per start, with a heartbeat. From it the next start knows how long
// the downtime was, and how far its clock is behind (model/clock-behind.ts).
//
// Always: the moments in the journal are by the wall clock as it is set now. When the clock is found to be
// set, they move by as much in the same transaction. The engine moves what rules remember, at the right place
// among the events.

import type { Database } from 'better-sqlite3'
import { afterClockSet, behindAtStart } from '../../model/clock-behind.ts'
import type { Behind, ClockSet, Earlier } from '../../model/clock-behind.ts'
import type { Downtime } from '../../model/store.ts'

const NEWEST_EVENT = 'SELECT max(id) FROM events'
const BEFORE_START = 'SELECT after_event FROM lifetimes ORDER BY id DESC LIMIT 1'

interface Last {
  readonly seenAt: number
  readonly behindMs: number
}

/**
 * Begins a row for this start. A hub that did not stop in order counts as alive until its last heartbeat or
 * its last event, whichever is later.
 */
export function beginLifetime(db: Database, now: number): void {
  db.transaction(() => {
    db.prepare(
      `UPDATE lifetimes
       SET seen_at = max(seen_at, coalesce(
         (SELECT at FROM events WHERE id > after_event ORDER BY id DESC LIMIT 1), 0))
       WHERE id = (SELECT max(id) FROM lifetimes) AND stopped_at IS NULL`,
    ).run()
    const last = db
      .prepare<[], Last>(
        `SELECT coalesce(stopped_at, seen_at) AS seenAt, behind_ms AS behindMs
         FROM lifetimes ORDER BY id DESC LIMIT 1`,
      )
      .get()
    const behindMs = last === undefined ? 0 : behindAtStart(last.seenAt, last.behindMs, now)
    db.prepare(
      `INSERT INTO lifetimes (started_at, seen_at, after_event, behind_at_start_ms, behind_ms)
       VALUES (@now, @now, coalesce((SELECT max(id) FROM events), 0), @behindMs, @behindMs)`,
    ).run({ now, behindMs })
    const byMs = (last?.behindMs ?? 0) - behindMs
    if (byMs !== 0) {
      moveSessions(db, byMs, null)
      addClockSet(db, byMs, NEWEST_EVENT)
      db.prepare(`UPDATE steps SET wake_at = wake_at + ? WHERE state = 'waiting'`).run(byMs)
    }
    for (const table of ['lifetimes', 'clock_sets'])
      db.exec(`DELETE FROM ${table} WHERE id <= (SELECT max(id) FROM ${table}) - 1000`)
  }).immediate()
}

export function beat(db: Database, now: number): void {
  db.prepare('UPDATE lifetimes SET seen_at = ? WHERE id = (SELECT max(id) FROM lifetimes)').run(now)
}

/**
 * Records that the wall clock was set while the hub runs, and moves the moments of sessions. The engine moves
 * its own moments: those of steps, and those that rules remember.
 */
export function noteClockSet(db: Database, byMs: number): void {
  const { behind, earlier } = afterClockSet(behindOf(db), byMs)
  db.prepare('UPDATE lifetimes SET behind_ms = ? WHERE id = (SELECT max(id) FROM lifetimes)').run(
    behind.behindMs,
  )
  moveSessions(db, byMs, earlier ?? null)
  addClockSet(db, byMs, NEWEST_EVENT)
  // Events from before the start move by less.
  if (earlier !== undefined) addClockSet(db, earlier.byMs - byMs, BEFORE_START)
}

/** @param afterEvent the last event that bears the time of before, in SQL */
function addClockSet(db: Database, byMs: number, afterEvent: string): void {
  db.prepare(`INSERT INTO clock_sets (after_event, by_ms) VALUES (coalesce((${afterEvent}), 0), ?)`).run(byMs)
}

/** How the clock was set until now, oldest first. */
export const clockSetsOf = (db: Database): ClockSet[] =>
  db
    .prepare<[], ClockSet>('SELECT after_event AS afterEvent, by_ms AS byMs FROM clock_sets ORDER BY id')
    .all()

/**
 * Moves when clients disconnected and when their wills are due. A due moment was set when its client
 * disconnected, so it moves by as much as that moment does.
 */
function moveSessions(db: Database, byMs: number, earlier: Earlier | null): void {
  const moved = { byMs, upToAt: earlier?.upToAt ?? -1, earlierMs: earlier?.byMs ?? byMs }
  const by = 'CASE WHEN gone_at <= @upToAt THEN @earlierMs ELSE @byMs END'
  db.prepare(
    `UPDATE wills
     SET due_at = due_at + coalesce((SELECT ${by} FROM sessions WHERE number = wills.session), @byMs)
     WHERE due_at IS NOT NULL`,
  ).run(moved)
  db.prepare(`UPDATE sessions SET gone_at = gone_at + ${by} WHERE gone_at IS NOT NULL`).run(moved)
}

export function endLifetime(db: Database, now: number): void {
  db.prepare(
    'UPDATE lifetimes SET seen_at = ?, stopped_at = ? WHERE id = (SELECT max(id) FROM lifetimes)',
  ).run(now, now)
}

/** How far the clock of this lifetime is behind. */
export function behindOf(db: Database): Behind {
  const found = db
    .prepare<[], Behind>(
      `SELECT started_at + behind_at_start_ms - behind_ms AS startedAt, behind_ms AS behindMs
       FROM lifetimes ORDER BY id DESC LIMIT 1`,
    )
    .get()
  return found ?? { startedAt: 0, behindMs: 0 }
}

interface Row {
  readonly seenAt: number
  readonly stoppedAt: number | null
  readonly behindMs: number
  readonly toAt: number | null
  readonly nextBehindMs: number
  readonly nextAfterEvent: number
}

/** The downtimes between each lifetime and the next, oldest first. */
export const downtimesOf = (db: Database): Downtime[] =>
  db
    .prepare<[], Row>(
      `SELECT seen_at AS seenAt, stopped_at AS stoppedAt, behind_ms AS behindMs,
         lead(started_at) OVER (ORDER BY id) AS toAt,
         lead(behind_at_start_ms) OVER (ORDER BY id) AS nextBehindMs,
         lead(after_event) OVER (ORDER BY id) AS nextAfterEvent
       FROM lifetimes ORDER BY id`,
    )
    .all()
    .flatMap(({ seenAt, stoppedAt, behindMs, toAt, nextBehindMs, nextAfterEvent }) => {
      if (toAt === null) return []
      const byMs = behindMs - nextBehindMs
      const fromAt = Math.min((stoppedAt ?? seenAt) + byMs, toAt)
      const set = byMs === 0 ? {} : { clockSet: { byMs, afterEvent: nextAfterEvent } }
      return [{ fromAt, toAt, clean: stoppedAt !== null, ...set }]
    })
