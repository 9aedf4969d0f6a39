// A control group of its own for each command that the hub starts, below the group in which the hub runs: what
// the command starts stays in there, whatever it does to its session, its parents and its environment. That
// takes version 2, and the right to make groups there: systemd gives it to a unit with `Delegate=yes`, and
// root has it. Where a group cannot be made, the command runs in the group of the hub.

import { close, mkdirSync, openSync, readFileSync, write } from 'node:fs'
import { readdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { mountIn } from './cgroup.ts'

const PREFIX = 'vigie-command-'

/** The group of one command. */
export interface CommandCgroup {
  /**
   * Moves a process into the group that has just begun. What the process starts before the kernel has moved
   * it, within a few milliseconds, is in the group of the hub.
   */
  take(pid: number): void
  /** Removes the group, at once or when what the command has left running in there has ended. */
  leave(): void
}

const NONE: CommandCgroup = { take() {}, leave() {} }

export class CommandCgroups {
  readonly #mount: string | undefined
  readonly #own: string | undefined
  /** The names of groups whose commands run. */
  readonly #open = new Set<string>()

  /**
   * @param mount where version 2 is mounted; `undefined`: nowhere, and no group is made
   * @param own the group of this process, by its path below the mount
   */
  constructor(mount: string | undefined, own: string | undefined) {
    this.#mount = mount
    this.#own = own
  }

  /** The path of a command's group, whether it is there or not; `undefined` where there can be none. */
  pathOf(command: string): string | undefined {
    return this.#own === undefined || this.#mount === undefined
      ? undefined
      : join(this.#own, PREFIX + command)
  }

  /** Makes the group of a command that is about to begin. */
  open(command: string): CommandCgroup {
    const path = this.pathOf(command)
    const procs = path === undefined ? undefined : openGroup(join(this.#mount!, path))
    if (procs === undefined) return NONE
    const name = PREFIX + command
    this.#open.add(name)
    let taken: Promise<void> | undefined
    const take = (bytes: string): Promise<void> =>
      // The process may have ended, or be another user's: then it stays where it is.
      new Promise((done) => write(procs, bytes, () => close(procs, () => done())))
    return {
      take(pid) {
        taken ??= take(String(pid))
      },
      leave: () => {
        taken ??= take('')
        this.#open.delete(name)
        void taken.then(() => this.#sweep()).catch(() => {})
      },
    }
  }

  /** Removes each group of a command that has ended and in which nothing runs, also those of an earlier hub. */
  async #sweep(): Promise<void> {
    const folder = join(this.#mount!, this.#own!)
    for (const name of await readdir(folder))
      if (name.startsWith(PREFIX) && !this.#open.has(name)) await rmdir(join(folder, name)).catch(() => {})
  }
}

/** Returns the descriptor to which the pids are written that are to be in the group. */
function openGroup(folder: string): number | undefined {
  try {
    mkdirSync(folder, { recursive: true })
    return openSync(join(folder, 'cgroup.procs'), 'w')
  } catch {
    return undefined
  }
}

/** The path of version 2 in /proc/<pid>/cgroup; `undefined` for what lies outside of a container. */
export function ownCgroupIn(text: string): string | undefined {
  const path = /^0::(\/.*)$/m.exec(text)?.[1]
  return path?.split('/').includes('..') ? undefined : path
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** Those of this machine. */
export const commandCgroups = new CommandCgroups(
  mountIn(read('/proc/self/mountinfo')),
  ownCgroupIn(read('/proc/self/cgroup')),
)
