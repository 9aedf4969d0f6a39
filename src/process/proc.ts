// Processes from Linux's /proc. One pass takes about 20 ms of processor time for 400 processes, so it is
// taken in slices between which the thread attends to other things.

import { closeSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { parseStat } from './stat.ts'
import type { Stat } from './stat.ts'
import type { ProcessEntry, ProcessSource, ProcessTable } from './entry.ts'
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
const SLICE = 20

export function openProc(folder: string): ProcessSource {
  const buffer = Buffer.alloc(READ_LIMIT_BYTES)
  let bootId: string | undefined

  /** The beginning of a file, or `undefined` when the process is gone or the file may not be read. */
  const readStart = (pid: number, file: string): string | undefined => {
    let descriptor: number | undefined
    try {
      descriptor = openSync(join(folder, String(pid), file), 'r')
      return buffer.toString('utf8', 0, readSync(descriptor, buffer))
    } catch {
      return undefined
    } finally {
      if (descriptor !== undefined) closeSync(descriptor)
    }
  }

  const readStat = (pid: number): Stat | undefined => parseStat(readStart(pid, 'stat') ?? '')

  const boot = (): string =>
    (bootId ??= readFileSync(join(folder, 'sys/kernel/random/boot_id'), 'utf8').trim())

  const readEntry = (
    pid: number,
    uptimeMs: number,
    users: ReadonlyMap<string, string>,
  ): ProcessEntry | undefined => {
    const status = readStart(pid, 'status')
    const commandLine = readStart(pid, 'cmdline')
    // Read last: what it says is of this process, if the others were not of one that had the pid before.
    const stat = readStat(pid)
    if (status === undefined || commandLine === undefined || !stat) return undefined
    const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1] ?? ''
    const args = commandLine.replace(/\0+$/, '').split('\0')
    const program = args[0] ? basename(args[0]) : stat.name
    const name = nameOf(stat.name, args)
    return {
      identity: { boot: boot(), pid, startTicks: stat.startTicks },
      pid,
      ppid: stat.ppid,
      name,
      program,
      user: users.get(uid) ?? uid,
      state: stat.state,
      commandLine: args.join(' ') || `[${name}]`,
      cpuMs: stat.cpuTicks * MS_PER_TICK,
      ageMs: Math.max(0, uptimeMs - stat.startTicks * MS_PER_TICK),
      memoryBytes: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024,
    }
  }

  const pids = (): number[] => readdirSync(folder).filter(isPid).map(Number)

  return {
    async read(): Promise<ProcessTable> {
      const uptimeMs = 1000 * Number.parseFloat(readFileSync(join(folder, 'uptime'), 'utf8'))
      const users = readUserNames()
      const byPid = new Map<number, ProcessEntry>()
      for (const [index, pid] of pids().entries()) {
        if (index % SLICE === SLICE - 1) await setImmediate()
        const entry = readEntry(pid, uptimeMs, users)
        if (entry) byPid.set(pid, entry)
      }
      return { uptimeMs, byPid }
    },

    look(pid) {
      const stat = readStat(pid)
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

/**
 * The kernel's name; in full where it was cut, and the program's where it is the one that Node gives to
 * itself.
 */
function nameOf(kernelName: string, [program = '', script = '']: readonly string[]): string {
  if (kernelName === 'MainThread' && program) return basename(program)
  if (Buffer.byteLength(kernelName) < LONGEST_KERNEL_NAME) return kernelName
  return (
    [program, script].map((path) => basename(path)).find((name) => name.startsWith(kernelName)) ?? kernelName
  )
}

const isPid = (name: string): boolean => /^\d+$/.test(name)
