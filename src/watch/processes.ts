// The process watches of a hub: one look at the table of processes serves them all. A process that has been
// what a watch looks for, at every look, for as long as the watch says, is reported once as
// `<root>/process/<watch>/<pid>`.
//
// Holds are kept in memory only: after a restart of the hub they begin anew, and what still goes on is
// reported again. A time in which the hub itself did not run does not count: nobody has seen what the
// processes did.
//
// While the processes cannot be looked at, `<root>/hub/watches` says why, retained.

import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { messageOf } from '../base/printable.ts'
import type { Publication } from '../model/event.ts'
import { hubMessage, jsonIn } from '../model/hub-message.ts'
import type { WatchSpec, WatchStatus } from '../model/watch.ts'
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
  /** Payload of the newest known message on a topic. */
  last(topic: string): Uint8Array | undefined
  /** Runs a watch's pattern on the command lines of processes. */
  readonly within: <T>(watch: string, code: () => T) => T
  /** The watch looks for nothing, because its pattern, or the rule on its reports, has ended an engine. */
  readonly isLeftAlone: (watch: string) => boolean
  readonly source?: ProcessSource
  /** The time between two looks; processor shares are averages over it. */
  readonly everyMs?: number
}

/** A look costs about 0.06 ms a process. */
const EVERY_MS = 5_000
/** A look that is later than this was not late because the hub was busy: the hub did not run. */
const LATE_MS = 5_000

export class ProcessWatches {
  readonly #watches: readonly WatchSpec[]
  readonly #ports: ProcessWatchPorts
  readonly #holds = new Map<string, Map<number, Hold>>()
  #earlier: ProcessTable | undefined
  /** The reason why the last look failed, `''` if it did not; `undefined` before the first. */
  #problem: string | undefined
  /** The reason why the last report was not committed, so that it is logged once. */
  #unpublished = ''
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

  /** The watches, in the order of their declaration. */
  status(): readonly WatchStatus[] {
    return this.#watches.map(({ name }) => ({ name, problem: this.#problem ?? '' }))
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancel?.()
    await this.#looking
  }

  async #look(): Promise<void> {
    const { source = thisMachine, clock, everyMs = EVERY_MS } = this.#ports
    const table = await source.read().catch((error: unknown) => messageOf(error))
    await this.#say(typeof table === 'string' ? table : '')
    if (typeof table !== 'string') await this.#take(table, everyMs)
    if (this.#isStopped) return
    this.#cancel = clock.after(everyMs, () => {
      this.#looking = this.#look()
    })
  }

  async #take(table: ProcessTable, everyMs: number): Promise<void> {
    const gapMs = this.#earlier === undefined ? 0 : table.uptimeMs - this.#earlier.uptimeMs
    if (gapMs > everyMs + LATE_MS) {
      this.#postpone(gapMs)
      this.#earlier = table
      return
    }
    const hits = this.#watches.flatMap((watch) => this.#judge(watch, table))
    this.#earlier = table
    try {
      for (const hit of hits) await this.#tell(hit)
      this.#unpublished = ''
    } catch (error) {
      const problem = messageOf(error)
      if (problem !== this.#unpublished)
        this.#ports.log.error(`what a watch has seen was not published: ${problem}`)
      this.#unpublished = problem
    }
  }

  /** Moves all holds by a time in which the hub itself did not run, so that this time does not count. */
  #postpone(lengthMs: number): void {
    for (const holds of this.#holds.values())
      for (const [pid, held] of holds) holds.set(pid, { ...held, sinceMs: held.sinceMs + lengthMs })
  }

  /** Tells, once, why the processes cannot be looked at, or that they can again; `''` for no problem. */
  async #say(problem: string): Promise<void> {
    const { root, log } = this.#ports
    if (problem !== '' && problem !== this.#problem)
      log.error(`the processes of this machine cannot be watched: ${problem}`)
    const topic = `${root}/hub/watches`
    const before = this.#problem ?? reasonIn(this.#ports.last(topic))
    this.#problem = problem
    if (before === problem) return
    const state = problem === '' ? 'watching' : 'unknown'
    try {
      await this.#ports.publish(hubMessage(topic, { state, reason: problem }, { retain: true }))
    } catch (error) {
      log.error(`${topic} was not published: ${messageOf(error)}`)
    }
  }

  /** Carries the watch's holds on; returns those that are long enough and have not been told. */
  #judge(watch: WatchSpec, table: ProcessTable): Hit[] {
    const { within, isLeftAlone } = this.#ports
    if (isLeftAlone(watch.name)) return []
    const matches = within(watch.name, () => matchesOf(watch, table, this.#earlier))
    const holds = hold(this.#holds.get(watch.name) ?? new Map(), matches, table.uptimeMs)
    this.#holds.set(watch.name, holds)
    return [...holds.values()]
      .filter(({ isTold, sinceMs }) => !isTold && table.uptimeMs - sinceMs >= watch.forMs)
      .map((held) => ({ watch, holds, held, cpuPercent: cpuPercent(held.entry, table, this.#earlier) }))
  }

  async #tell({ watch, holds, held, cpuPercent: percent }: Hit): Promise<void> {
    if (this.#isStopped) return
    const { entry } = held
    const topic = `${this.#ports.root}/process/${watch.name}/${entry.pid}`
    await this.#ports.publish(hubMessage(topic, report(entry, percent)))
    // Told only now: had the message not been committed, the next look would say it again.
    holds.set(entry.pid, { ...held, isTold: true })
  }
}

/** The problem that an engine before this one has left in the retained message. */
function reasonIn(payload: Uint8Array | undefined): string {
  const told = jsonIn(payload) as { readonly reason?: unknown } | null | undefined
  return typeof told?.reason === 'string' ? told.reason : ''
}

interface Hit {
  readonly watch: WatchSpec
  readonly holds: Map<number, Hold>
  readonly held: Hold
  readonly cpuPercent: number | null
}
