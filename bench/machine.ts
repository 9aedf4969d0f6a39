// The machine on which the bench runs: one core for the broker and one for the load, and what /proc says of
// their use.
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { availableParallelism, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'

export const BROKER_CORE = 0
export const LOAD_CORE = 1

const TICKS_PER_SECOND = 100 // what Linux reports to programs, whatever the kernel's own
const PAGE_BYTES = 4096
const PRIORITY = -15
const SESSION_PRIORITY = '/proc/self/autogroup'

export type Sample = {
  readonly atMs: number
  readonly brokerCpuMs: number
  readonly residentBytes: number
  /** CPU use of all processes of the machine together. */
  readonly machineCpuMs: number
}

/** The command line that runs a program on one core; on a machine with a single core, anywhere. */
export function pinned(core: number, command: string, args: readonly string[]): [string, string[]] {
  if (availableParallelism() < 2) return [command, [...args]]
  return ['taskset', ['-c', String(core), command, ...args]]
}

/**
 * Lets this process and its children open enough sockets for the largest load; a user without that right
 * keeps the limit.
 */
export function allowSockets(count: number): void {
  try {
    execFileSync('prlimit', ['--pid', String(process.pid), `--nofile=${count}:${count}`], { stdio: 'ignore' })
  } catch {
    // Loads that need more report it themselves.
  }
}

/**
 * Puts this process and its children before all others of the machine. Root may; others get the system's
 * refusal.
 */
export function takePriority(): void {
  setPriority(PRIORITY)
  // Where each session's processes are scheduled as a group, a process's own priority counts only within
  // its group.
  if (existsSync(SESSION_PRIORITY)) writeFileSync(SESSION_PRIORITY, String(PRIORITY))
}

/** CPU and memory of a broker with all the processes that it has started. */
export function sample(brokerPid: number): Sample {
  const uses = familyOf(brokerPid).map(useOf)
  const [, user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'latin1')
    .split(/\s+/, 9)
    .map(Number)
  return {
    atMs: performance.now(),
    brokerCpuMs: uses.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    residentBytes: uses.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
    machineCpuMs: ticksToMs(user! + nice! + system! + irq! + softirq!),
  }
}

/**
 * How long the disk under the temporary folder takes to write and fsync one group of a journal, in ms. No
 * acknowledgement of a recorded message can be faster.
 */
export function syncTimes(count = 300): number[] {
  const path = join(tmpdir(), `vigie-bench-sync-${process.pid}`)
  const group = Buffer.alloc(16 * 1024, 'x')
  const fd = openSync(path, 'w')
  try {
    // Overwrites the file, as a write-ahead log does: a file that grows takes longer.
    for (let n = 0; n < count; n++) writeSync(fd, group)
    fdatasyncSync(fd)
    return Array.from({ length: count }, (_, n) => {
      const begun = performance.now()
      writeSync(fd, group, 0, group.length, n * group.length)
      fdatasyncSync(fd)
      return performance.now() - begun
    })
  } finally {
    closeSync(fd)
    rmSync(path)
  }
}

function familyOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean)
  return [pid, ...children.map(Number)]
}

function useOf(pid: number): { readonly cpuMs: number; readonly residentBytes: number } {
  try {
    // The name in parentheses may hold spaces: fields are counted from behind it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ')
    const residentPages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1])
    return {
      cpuMs: ticksToMs(Number(stat[11]) + Number(stat[12])),
      residentBytes: residentPages * PAGE_BYTES,
    }
  } catch {
    // The process has just ended.
    return { cpuMs: 0, residentBytes: 0 }
  }
}

function ticksToMs(ticks: number): number {
  return (ticks * 1000) / TICKS_PER_SECOND
}
