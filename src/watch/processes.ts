// The process watches of a hub: one look at the table of processes serves them all. A process that has been what a watch
// looks for, at every look, for as long as the watch says, is reported once as `<root>/process/<watch>/<pid>`.
//
// Holds are kept in memory only: after a restart of the hub they begin anew, and what still goes on is reported again.

import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { messageOf } from '../base/printable.ts'
import type { Publication } from '../model/event.ts'
import type { WatchSpec } from '../model/probe.ts'
import { cpuPercent, report, thisMachine } from '../process/table.ts'
import type { ProcessSource, ProcessTable } from '../process/entry.ts'
import { hold, matchesOf } from './hold.ts'
import type { Hold } from './hold.ts'

export interface ProcessWatchPorts {
  readonly root: string
  readonly clock: Clock
  readonly log: Log
  /** Resolves when committed. */
  publish(publication: Publication): Promise<number>
  readonly source?: ProcessSource
  /** Between two looks; processor shares are averages over this. */
  readonly everyMs?: number
}

/** A look costs about 0.06 ms a process. */
const EVERY_MS = 5_000

export class ProcessWatches {
  readonly #watches: readonly WatchSpec[]
  readonly #ports: ProcessWatchPorts
  readonly #holds = new Map<string, Map<number, Hold>>()
  #earlier: ProcessTable | undefined
  #problem = ''
  #isStopped = false
  #cancel: (() => void) | undefined
  #looking: Promise<void> | undefined

  constructor(watches: readonly WatchSpec[], ports: ProcessWatchPorts) {
    this.#watches = watches
    this.#ports = ports
  }

  start(): void {
    if (this.#watches.length > 0) this.#looking = this.#look()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancel?.()
    await this.#looking
  }

  async #look(): Promise<void> {
    const { source = thisMachine, clock, log, everyMs = EVERY_MS } = this.#ports
    try {
      const table = await source.read()
      const hits = this.#watches.flatMap((watch) => this.#judge(watch, table))
      this.#earlier = table
      for (const hit of hits) await this.#tell(hit)
      this.#problem = ''
    } catch (error) {
      const problem = messageOf(error)
      if (problem !== this.#problem) log.error(`the processes of this machine cannot be watched: ${problem}`)
      this.#problem = problem
    }
    if (this.#isStopped) return
    this.#cancel = clock.after(everyMs, () => {
      this.#looking = this.#look()
    })
  }

  /** Carries the watch's holds on; returns those that are long enough and have not been told. */
  #judge(watch: WatchSpec, table: ProcessTable): Hit[] {
    const matches = matchesOf(watch, table, this.#earlier)
    const holds = hold(this.#holds.get(watch.name) ?? new Map(), matches, table.uptimeMs)
    this.#holds.set(watch.name, holds)
    return [...holds.values()]
      .filter(({ isTold, sinceMs }) => !isTold && table.uptimeMs - sinceMs >= watch.forMs)
      .map((held) => ({ watch, holds, held, cpuPercent: cpuPercent(held.entry, table, this.#earlier) }))
  }

  async #tell({ watch, holds, held, cpuPercent: percent }: Hit): Promise<void> {
    if (this.#isStopped) return
    const { entry } = held
    await this.#ports.publish({
      topic: `${this.#ports.root}/process/${watch.name}/${entry.pid}`,
      payload: Buffer.from(JSON.stringify(report(entry, percent))),
      qos: 1,
      retain: false,
      origin: 'hub',
      cause: null,
    })
    // Told only now: had the message not been committed, the next look would say it again.
    holds.set(entry.pid, { ...held, isTold: true })
  }
}

interface Hit {
  readonly watch: WatchSpec
  readonly holds: Map<number, Hold>
  readonly held: Hold
  readonly cpuPercent: number | null
}
