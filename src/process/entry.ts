// Types: one process as it was at one moment, a table of processes, and a source of tables.

import type { ProcessIdentity } from '../model/action.ts'
import type { ProcessState } from '../model/process.ts'

/**
 * Identity, parent, group, state, processor time and memory are those of the moment at which the table was
 * read. A source may read the others when they are first asked for: of a process that has ended by then,
 * they are empty, or those of the process that has its pid now. Whoever acts on a process compares its
 * identity again.
 */
export interface ProcessEntry {
  readonly identity: ProcessIdentity
  readonly pid: number
  readonly ppid: number
  /** Pid of the leader of its process group; see credentials(7). */
  readonly group: number
  /** Pid of the leader of its session; 0 where the system does not tell. */
  readonly session: number
  /** The full name, even if the kernel keeps only its first 15 bytes. */
  readonly name: string
  /**
   * The program as it was called, without its folder: what `name` is too unless the process renamed itself.
   */
  readonly program: string
  readonly user: string
  readonly state: ProcessState
  readonly commandLine: string
  readonly cpuMs: number
  readonly ageMs: number
  readonly memoryBytes: number
  /** Open file descriptors; `null` where the hub may not count them. */
  readonly files: number | null
  /** Path of its control group, such as `/system.slice/nginx.service`; empty where there is none. */
  readonly cgroup: string
}

export interface ProcessTable {
  /** The moment at which the table was read, on a clock that nobody sets. */
  readonly uptimeMs: number
  readonly byPid: ReadonlyMap<number, ProcessEntry>
}

/** Reads processes. It leaves out those that vanish meanwhile: that is no error. */
export interface ProcessSource {
  read(): Promise<ProcessTable>
  /** Identity and state of one process, at once; `undefined` when there is none. */
  look(pid: number): { readonly identity: ProcessIdentity; readonly state: ProcessState } | undefined
  /**
   * Pids of the processes whose environment holds this `NAME=value`, of those whose environment may be read.
   */
  carrying(variable: string): Promise<number[]>
}
