// Checks whether the paths of the database still lead to the files that the hub has open. A file that is
// removed, moved or covered by a mount stays open and can be written, but the next start does not find it.

import { statSync } from 'node:fs'

interface Identity {
  readonly dev: bigint
  readonly ino: bigint
}

export class OpenFiles {
  readonly #identities = new Map<string, Identity>()

  /** @param paths paths of files that are open now and stay open */
  constructor(paths: readonly string[]) {
    for (const path of paths) this.#identities.set(path, statSync(path, { bigint: true }))
  }

  /** The first path that no longer leads to the open file; `null` when all do. Costs a few microseconds. */
  get displaced(): string | null {
    for (const [path, open] of this.#identities) if (!leadsTo(path, open)) return path
    return null
  }
}

function leadsTo(path: string, { dev, ino }: Identity): boolean {
  try {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false })
    return found?.dev === dev && found.ino === ino
  } catch {
    // A path that cannot be looked at leads nowhere.
    return false
  }
}
