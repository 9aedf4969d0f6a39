// Processes by `ps`, for macOS and other systems without Linux's /proc. What it cannot do: tell the start of
// a process more exactly than to the second (so a pid used again within its second is not noticed), read
// environments and sessions (so a grandchild that left its tree is not found), count open files, or sample
// without starting a program.

import { execFile, execFileSync } from 'node:child_process'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import type { ProcessState } from '../model/process.ts'
import type { ProcessEntry, ProcessSource } from './entry.ts'

/** Time of start first: it has a fixed width, in the C locale. The command last: it may hold spaces. */
const COLUMNS = 'lstart=,pid=,ppid=,pgid=,user=,state=,time=,etime=,rss=,args='
const LARGEST_OUTPUT_BYTES = 64 * 2 ** 20
/** A start in wall-clock seconds says by itself which boot it was. */
const BOOT = 'ps'

export function openPs(): ProcessSource {
  const environment = { ...process.env, LC_ALL: 'C' }
  return {
    async read() {
      const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', COLUMNS], {
        env: environment,
        maxBuffer: LARGEST_OUTPUT_BYTES,
      })
      const entries = stdout.split('\n').flatMap((line) => parsePsLine(line) ?? [])
      return {
        uptimeMs: performance.now(),
        byPid: new Map(entries.map((entry) => [entry.pid, entry])),
      }
    },

    look(pid) {
      try {
        const line = execFileSync('ps', ['-ww', '-o', COLUMNS, '-p', String(pid)], {
          env: environment,
          encoding: 'utf8',
        })
        return parsePsLine(line.trimEnd())
      } catch {
        return undefined
      }
    },

    carrying: () => Promise.resolve([]),
  }
}

const PS_LINE =
  /^\s*(\w{3} \w{3}\s+\d+ [\d:]{8} \d{4})\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+([\d:.-]+)\s+([\d:.-]+)\s+(\d+)\s+(.*)$/

export function parsePsLine(line: string): ProcessEntry | undefined {
  const [, start, pid, ppid, group, user, state, time, elapsed, rss, command] = PS_LINE.exec(line) ?? []
  if (!start || !user || !state || !time || !elapsed || command === undefined) return undefined
  const program = basename(command.split(' ')[0] ?? '')
  return {
    identity: { boot: BOOT, pid: Number(pid), startTicks: Date.parse(start) / 1000 },
    pid: Number(pid),
    ppid: Number(ppid),
    group: Number(group),
    session: 0,
    name: program,
    program,
    user,
    state: STATES[state.charAt(0)] ?? 'other',
    commandLine: command,
    cpuMs: lengthMs(time),
    ageMs: lengthMs(elapsed),
    memoryBytes: Number(rss) * 1024,
    files: null,
    cgroup: '',
  }
}

const STATES: Readonly<Record<string, ProcessState>> = {
  R: 'running',
  S: 'sleeping',
  I: 'sleeping',
  U: 'waiting',
  D: 'waiting',
  T: 'stopped',
  Z: 'zombie',
}

/** `[[days-]hours:]minutes:seconds[.hundredths]` */
function lengthMs(text: string): number {
  const [clock = '', days = '0'] = text.split('-').toReversed()
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return Math.round(1000 * (seconds + 86_400 * Number(days)))
}
