// The write-ahead log on its way to the disk. SQLite would see to it inside COMMIT, but as it is built for Node it takes fsync,
// which writes the times of the file too: on a file system with a journal the disk has twice the work.
//
// Always: a group is in the log, then the log is on the disk, then the group is acknowledged.

import { closeSync, fdatasyncSync, openSync } from 'node:fs'
import type { Database } from 'better-sqlite3'

/** `full`: each group commit is brought to the disk, survives a power cut. `normal`: survives a crash of the process; kinder to SD cards. */
export type Durability = 'full' | 'normal'

export class Wal {
  readonly #db: Database
  /** `null`: what has been committed may be lost in a power cut. */
  readonly #fd: number | null
  #isDoubtful = false

  /** @param db in WAL mode, and written to since it was opened */
  constructor(db: Database, durability: Durability) {
    this.#db = db
    this.#fd = durability === 'full' ? openSync(`${db.name}-wal`, 'r') : null
  }

  /** After it, everything that has been committed survives a power cut. When it throws, that is not known, and it has to be called again. */
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
   * After a sync that failed the system may take for written what it has thrown away, so that a later one that succeeds says
   * nothing of what stood in the log before. All of it moves to the database, with an fsync of that.
   */
  #empty(): void {
    const [checkpoint] = this.#db.pragma('wal_checkpoint(TRUNCATE)') as { readonly busy: number }[]
    if (checkpoint?.busy !== 0) throw new Error('its log cannot be emptied while somebody reads it')
    this.#isDoubtful = false
  }
}
