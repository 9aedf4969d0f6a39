// Control groups: in which one a process is, and version 2's way to end all of one at once (cgroup.kill of
// cgroups(7)), which no process that forks meanwhile escapes.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The path in /proc/<pid>/cgroup: that of version 2, or of systemd's own hierarchy where version 2 is mounted
 * beside it and holds nothing.
 */
export function cgroupIn(text: string): string {
  const unified = /^0::(.*)$/m.exec(text)?.[1]
  if (unified !== undefined && unified !== '/') return unified
  return /^\d+:name=systemd:(.*)$/m.exec(text)?.[1] ?? unified ?? ''
}

/** Whether a path lies in a control group, or is that group. */
export const isWithin = (path: string, cgroup: string): boolean =>
  path === cgroup || path.startsWith(cgroup.endsWith('/') ? cgroup : `${cgroup}/`)

/**
 * Whether a process with this path belongs to a systemd unit. A name without a kind means a service: `nginx`
 * is `nginx.service`.
 */
export function isOfUnit(path: string, unit: string): boolean {
  const name = /\.(?:service|scope|slice|socket|mount|swap)$/.test(unit) ? unit : `${unit}.service`
  return path.split('/').includes(name)
}

export interface Cgroups {
  /** Pids in the group and in those below it; `undefined` when that cannot be told. */
  pidsOf(path: string): ReadonlySet<number> | undefined
  /** Ends all of them with SIGKILL. Returns whether the kernel has taken the order. */
  kill(path: string): boolean
}

/** The control groups of this machine. Without version 2, or a right to write there, none can be ended. */
export const cgroups: Cgroups = {
  pidsOf(path) {
    const folder = folderOf(path)
    if (folder === undefined) return undefined
    try {
      return new Set(pidsBelow(folder))
    } catch {
      return undefined
    }
  },
  kill(path) {
    const folder = folderOf(path)
    if (folder === undefined) return false
    try {
      writeFileSync(join(folder, 'cgroup.kill'), '1')
      return true
    } catch {
      return false
    }
  },
}

/** `undefined` for the root, which holds everything, and for what lies outside of a container. */
function folderOf(path: string): string | undefined {
  if (path === '' || path === '/' || path.split('/').includes('..')) return undefined
  const mount = mountIn(readFileSync('/proc/self/mountinfo', 'utf8'))
  return mount && join(mount, path)
}

/** Where version 2 is mounted; see proc_pid_mountinfo(5). */
export function mountIn(mountinfo: string): string | undefined {
  const line = mountinfo.split('\n').find((each) => / - cgroup2 /.test(each))
  return line?.split(' ')[4]
}

function pidsBelow(folder: string): number[] {
  const own = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
  const below = readdirSync(folder, { withFileTypes: true }).filter((each) => each.isDirectory())
  return [...own, ...below.flatMap(({ name }) => pidsBelow(join(folder, name)))]
}
