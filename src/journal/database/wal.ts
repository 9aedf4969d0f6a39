// Brings the write-ahead log to the disk. SQLite could do it inside COMMIT, but as built for Node it calls
// fsync, which also writes the file's timestamps: on a journaling file system that doubles the work of the
// disk.
//
// Always: a group is in the log, then the log is on the disk, then the group is acknowledged.

import { closeSync, fdatasyncSync, openSync } from 'node:fs'
import type { Database } from 'better-sqlite3'

/**
 * `full`: each group commit is on the disk and survives a power cut. `normal`: each survives a crash of the
 * process; this wears SD cards less.
 */
export type Durability = 'full' | 'normal'

export class Wal {
  readonly #db: Database
  /** The open log; `null` with durability `normal`, where a power cut may lose commits. */
  readonly #fd: number | null
  /** A sync has failed, and nothing has emptied the log since. */
  #isDoubtful = false

  /** @param db a database in WAL mode that has been written to, so that its log exists */
  constructor(db: Database, durability: Durability) {
    this.#db = db
    this.#fd = durability === 'full' ? openSync(`${db.name}-wal`, 'r') : null
  }

  /**
   * Makes everything that is committed survive a power cut, with durability `full`. If it throws, that is not
   * known, and the caller calls it again.
   */
  sync(): void {
    if (this.#fd === null) return
    if (this.#isDoubtful) return this.#empty()
    try {
      fdatasyncSync(this.#fd)
    } catch (error) {
      this.#isDoubtful = true
      throw error
    }
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd)
  }

  /**
   * Moves the whole log to the database, and syncs that. After a failed sync the system may count pages as
   * written that it has thrown away, so a later sync that succeeds proves nothing about the log's earlier
   * content.
   */
  #empty(): void {
    const [checkpoint] = this.#db.pragma('wal_checkpoint(TRUNCATE)') as { readonly busy: number }[]
    if (checkpoint?.busy !== 0) throw new Error('its log cannot be emptied while somebody reads it')
    this.#isDoubtful = false
  }
}
