// Processes from Linux's /proc. A table reads one file of each process, `stat`; what else somebody wants to
// know of one (its user, its command line, its control group, its files) is read when it is asked for. A table
// is taken in slices, between which the thread attends to other things.

import { closeSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ProcessIdentity } from '../model/action.ts'
import type { ProcessState } from '../model/process.ts'
import { cgroupIn } from './cgroup.ts'
import type { ProcessEntry, ProcessSource, ProcessTable } from './entry.ts'
import { pageBytes } from './page-size.ts'
import { parseStat } from './stat.ts'
import type { Stat } from './stat.ts'
import { readUserNames } from './users.ts'

/**
 * The tick of the Linux interface to programs, whatever the rate of the kernel itself (sysconf(_SC_CLK_TCK)).
 */
const MS_PER_TICK = 10
/** The kernel's limit for a process name. */
const LONGEST_KERNEL_NAME = 15
/** Longer command lines are cut. /proc/<pid>/stat and status are far shorter. */
const READ_LIMIT_BYTES = 4096
/** Processes read without a pause: about 1 ms. */
const SLICE = 50

export function openProc(folder: string): ProcessSource {
  const readStart = startReader(folder)
  let bootId: string | undefined
  const boot = (): string =>
    (bootId ??= readFileSync(join(folder, 'sys/kernel/random/boot_id'), 'utf8').trim())
  const pids = (): number[] => readdirSync(folder).filter(isPid).map(Number)

  return {
    async read(): Promise<ProcessTable> {
      const uptimeMs = 1000 * Number.parseFloat(readFileSync(join(folder, 'uptime'), 'utf8'))
      const circumstances: Circumstances = { folder, boot: boot(), uptimeMs, readStart, users: userNames() }
      const byPid = new Map<number, ProcessEntry>()
      for (const [index, pid] of pids().entries()) {
        if (index % SLICE === SLICE - 1) await setImmediate()
        const stat = parseStat(readStart(pid, 'stat') ?? '')
        if (stat) byPid.set(pid, new LinuxProcess(stat, circumstances))
      }
      return { uptimeMs, byPid }
    },

    look(pid) {
      const stat = parseStat(readStart(pid, 'stat') ?? '')
      return stat && { identity: { boot: boot(), pid, startTicks: stat.startTicks }, state: stat.state }
    },

    async carrying(variable) {
      const found: number[] = []
      for (const [index, pid] of pids().entries()) {
        if (index % SLICE === SLICE - 1) await setImmediate()
        try {
          // Whole: the variables that we add stand last, behind whatever the hub itself was given.
          const environment = readFileSync(join(folder, String(pid), 'environ'), 'utf8')
          if (environment.split('\0').includes(variable)) found.push(pid)
        } catch {
          // Gone, or another user's: then it was not started by this hub.
        }
      }
      return found
    },
  }
}

/** What the processes of one table have in common. */
interface Circumstances {
  readonly folder: string
  readonly boot: string
  readonly uptimeMs: number
  readonly readStart: StartReader
  /** Names by user id. */
  readonly users: () => ReadonlyMap<string, string>
}

class LinuxProcess implements ProcessEntry {
  readonly #stat: Stat
  readonly #circumstances: Circumstances
  #arguments: readonly string[] | undefined
  #user: string | undefined
  #cgroup: string | undefined

  constructor(stat: Stat, circumstances: Circumstances) {
    this.#stat = stat
    this.#circumstances = circumstances
  }

  get identity(): ProcessIdentity {
    const { pid, startTicks } = this.#stat
    return { boot: this.#circumstances.boot, pid, startTicks }
  }

  get pid(): number {
    return this.#stat.pid
  }

  get ppid(): number {
    return this.#stat.ppid
  }

  get group(): number {
    return this.#stat.group
  }

  get session(): number {
    return this.#stat.session
  }

  get state(): ProcessState {
    return this.#stat.state
  }

  get cpuMs(): number {
    return this.#stat.cpuTicks * MS_PER_TICK
  }

  get ageMs(): number {
    return Math.max(0, this.#circumstances.uptimeMs - this.#stat.startTicks * MS_PER_TICK)
  }

  get memoryBytes(): number {
    return this.#stat.memoryPages * pageBytes()
  }

  /**
   * The kernel's name; in full where it was cut, and the program's where it is the one that Node gives to
   * itself.
   */
  get name(): string {
    const { name } = this.#stat
    if (name === 'MainThread') return this.program
    if (Buffer.byteLength(name) < LONGEST_KERNEL_NAME) return name
    const [program = '', script = ''] = this.#readArguments()
    return [program, script].map((path) => basename(path)).find((long) => long.startsWith(name)) ?? name
  }

  get program(): string {
    const [program] = this.#readArguments()
    return program ? basename(program) : this.#stat.name
  }

  get commandLine(): string {
    return this.#readArguments().join(' ') || `[${this.name}]`
  }

  get user(): string {
    return (this.#user ??= this.#readUser())
  }

  get cgroup(): string {
    return (this.#cgroup ??= cgroupIn(this.#read('cgroup') ?? ''))
  }

  get files(): number | null {
    try {
      return readdirSync(join(this.#circumstances.folder, String(this.pid), 'fd')).length
    } catch {
      return null
    }
  }

  #readArguments(): readonly string[] {
    return (this.#arguments ??= (this.#read('cmdline') ?? '').replace(/\0+$/, '').split('\0'))
  }

  #readUser(): string {
    const uid = /^Uid:\s+(\d+)/m.exec(this.#read('status') ?? '')?.[1] ?? ''
    return this.#circumstances.users().get(uid) ?? uid
  }

  #read(file: string): string | undefined {
    return this.#circumstances.readStart(this.pid, file)
  }
}

/** The beginning of a file, or `undefined` when the process is gone or the file may not be read. */
type StartReader = (pid: number, file: string) => string | undefined

function startReader(folder: string): StartReader {
  const buffer = Buffer.alloc(READ_LIMIT_BYTES)
  return (pid, file) => {
    let descriptor: number | undefined
    try {
      descriptor = openSync(`${folder}/${pid}/${file}`, 'r')
      return buffer.toString('utf8', 0, readSync(descriptor, buffer))
    } catch {
      return undefined
    } finally {
      if (descriptor !== undefined) closeSync(descriptor)
    }
  }
}

function userNames(): Circumstances['users'] {
  let names: ReadonlyMap<string, string> | undefined
  return () => (names ??= readUserNames())
}

const isPid = (name: string): boolean => /^\d+$/.test(name)
