// Parses one line of /proc/<pid>/stat; see proc_pid_stat(5). Pure.

import type { ProcessState } from '../model/process.ts'

export interface Stat {
  readonly pid: number
  /** The name as the kernel keeps it: at most 15 bytes of any kind, also spaces and parentheses. */
  readonly name: string
  readonly state: ProcessState
  readonly ppid: number
  /** Process group: the pid of its leader. */
  readonly group: number
  /** Session: the pid of its leader. */
  readonly session: number
  /** User and system time together. */
  readonly cpuTicks: number
  readonly startTicks: number
  /** Resident memory in pages. */
  readonly memoryPages: number
}

const STATES: Readonly<Record<string, ProcessState>> = {
  R: 'running',
  S: 'sleeping',
  D: 'waiting',
  T: 'stopped',
  t: 'stopped',
  Z: 'zombie',
  X: 'zombie',
  I: 'idle',
}

/** `undefined` for what is no such line, as when the process vanished while it was read. */
export function parseStat(line: string): Stat | undefined {
  // The name may hold ")": what ends it is the last one.
  const open = line.indexOf('(')
  const close = line.lastIndexOf(')')
  if (open < 1 || close < open) return undefined
  const fields = line.slice(close + 2).split(' ')
  // Numbers of proc_pid_stat(5) less 3: field 3 is the first one behind the name.
  const number = (field: number): number => Number(fields[field - 3] ?? Number.NaN)
  const stat = {
    pid: Number(line.slice(0, open)),
    name: line.slice(open + 1, close),
    state: STATES[fields[0] ?? ''] ?? 'other',
    ppid: number(4),
    group: number(5),
    session: number(6),
    cpuTicks: number(14) + number(15),
    startTicks: number(22),
    memoryPages: number(24),
  }
  const { pid, ppid, group, session, cpuTicks, startTicks, memoryPages } = stat
  return Number.isInteger(pid + ppid + group + session + cpuTicks + startTicks + memoryPages)
    ? stat
    : undefined
}
