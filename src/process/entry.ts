// Types: one process as it was at one moment, a table of processes, and a source of tables.

import type { ProcessIdentity } from '../model/action.ts'
import type { ProcessState } from '../model/process.ts'

export interface ProcessEntry {
  readonly identity: ProcessIdentity
  readonly pid: number
  readonly ppid: number
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
