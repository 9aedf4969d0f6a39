// One process as it was seen at one moment, a table of them, and where tables are read from.

import type { ProcessIdentity } from '../model/action.ts'
import type { ProcessState } from '../model/process.ts'

export interface ProcessEntry {
  readonly identity: ProcessIdentity
  readonly pid: number
  readonly ppid: number
  /** In full, also where the kernel keeps only its first 15 bytes. */
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
  /** When it was read, on a clock that nobody sets. */
  readonly uptimeMs: number
  readonly byPid: ReadonlyMap<number, ProcessEntry>
}

/** Where processes are read from. Those that vanish while they are read are left out: that is no error. */
export interface ProcessSource {
  read(): Promise<ProcessTable>
  /** Identity and state of one process, at once; `undefined` when there is none. */
  look(pid: number): { readonly identity: ProcessIdentity; readonly state: ProcessState } | undefined
  /**
   * Pids of the processes whose environment holds this `NAME=value`, of those whose environment may be read.
   */
  carrying(variable: string): Promise<number[]>
}
