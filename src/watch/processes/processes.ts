// The process watches of a hub: one look at the table of processes serves them all. A process that has been
// what a watch looks for, at every look, for as long as the watch says, is reported once as
// `<root>/process/<watch>/<pid>`; too few processes as `<root>/process/<watch>/missing`.
//
// What a watch remembers outlives the hub. A time in which the hub did not run does not count: nobody has
// seen what the processes did. A report may be made twice where the hub dies between report and memory.
//
// While the processes cannot be looked at, `<root>/hub/watches` says why, retained.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { messageOf } from '../../base/printable.ts'
import type { ProcessIdentity } from '../../model/action.ts'
import type { Publication } from '../../model/event.ts'
import { hubMessage, jsonIn } from '../../model/hub-message.ts'
import { MISSING } from '../../model/watch.ts'
import type { ShortageReport, WatchedProcesses, WatchSpec, WatchStatus } from '../../model/watch.ts'
import { report, thisMachine } from '../../process/table.ts'
import type { ProcessEntry, ProcessSource, ProcessTable } from '../../process/entry.ts'
import type { Look } from './conditions.ts'
import { hold, matchesOf, selectedBy } from './hold.ts'
import { look } from './shortage.ts'
import type { ShortageSpec } from './shortage.ts'
import { viewOf, zombiesIn } from './view.ts'
import { NOTHING, fromJson, isCounting, postponedMemory, toJson } from './watch-memory.ts'
import type { Memory, WatchStore } from './watch-memory.ts'

export interface ProcessWatchPorts {
  readonly root: string
  readonly clock: Clock
  readonly log: Log
  readonly store: WatchStore
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

/** A look costs about 0.04 ms of the processor for each process. */
const EVERY_MS = 5_000
/** A look that is later than this was not late because the hub was busy: the hub did not run. */
const LATE_MS = 5_000

export class ProcessWatches {
  readonly #watches: readonly WatchSpec[]
  readonly #ports: ProcessWatchPorts
  readonly #memories = new Map<string, Memory>()
  /** What the store holds, without the moment of the look. */
  readonly #stored = new Map<string, string>()
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
    this.#looking = this.#watches.length > 0 ? this.#look() : this.#say('')
  }

  /** The watches, in the order of their declaration. */
  status(): readonly WatchStatus[] {
    return this.#watches.map(({ name }) => ({
      name,
      problem: this.#problem ?? '',
      hasGivenUp: this.#memoryOf(name).shortage.hasGivenUp,
    }))
  }

  /**
   * The processes that a watch has found and that still are what it looks for; of one that looks for too few,
   * those that run.
   */
  async targets(name: string): Promise<readonly ProcessIdentity[]> {
    const { source = thisMachine, within } = this.#ports
    const watch = this.#watches.find((each) => each.name === name)
    if (watch === undefined) return []
    if (!isForShortage(watch))
      return Array.from(this.#memoryOf(name).holds.values(), ({ identity }) => identity)
    const table = await source.read()
    return within(name, () => selectedBy(watch, { table, earlier: undefined })).map(
      ({ identity }) => identity,
    )
  }

  /** What the watches look at now; their shares of a core are those since the last look. */
  async view(): Promise<WatchedProcesses> {
    const { source = thisMachine, within, isLeftAlone } = this.#ports
    const table = await source.read()
    const seen = { table, earlier: this.#earlier }
    const statuses = new Map(this.status().map((status) => [status.name, status]))
    const watches = this.#watches
      .filter(({ name }) => !isLeftAlone(name))
      .map((watch) => {
        const { name } = watch
        return within(name, () => viewOf(watch, statuses.get(name)!, this.#memoryOf(name), seen))
      })
    return { watches, zombies: zombiesIn(table) }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancel?.()
    await this.#looking
  }

  async #look(): Promise<void> {
    const { source = thisMachine, clock, everyMs = EVERY_MS } = this.#ports
    const table = await source.read().catch((error: unknown) => messageOf(error))
    if (this.#isStopped) return
    await this.#say(typeof table === 'string' ? table : '')
    if (typeof table !== 'string') await this.#take(table, everyMs)
    if (this.#isStopped) return
    this.#cancel = clock.after(everyMs, () => {
      this.#looking = this.#look()
    })
  }

  async #take(table: ProcessTable, everyMs: number): Promise<void> {
    const earlier = this.#earlier
    this.#earlier = table
    if (earlier === undefined) this.#restore(table)
    const gapMs = earlier === undefined ? 0 : table.uptimeMs - earlier.uptimeMs
    if (gapMs > everyMs + LATE_MS) return this.#postpone(gapMs)
    try {
      const hits = this.#watches.flatMap((watch) => this.#judge(watch, { table, earlier }))
      for (const hit of hits) await this.#tell(hit)
      await this.#keep(table.uptimeMs)
      this.#unpublished = ''
    } catch (error) {
      const problem = messageOf(error)
      if (problem !== this.#unpublished)
        this.#ports.log.error(`what a watch has seen was not published: ${problem}`)
      this.#unpublished = problem
    }
  }

  /** Goes on where the hub or the engine before this one has ended. */
  #restore({ uptimeMs }: ProcessTable): void {
    for (const watch of this.#watches)
      this.#memories.set(watch.name, fromJson(watch, this.#ports.store.read(watch.name), uptimeMs))
  }

  /**
   * What was held before a pause of the hub's own is held as long as before it, should the next look find it
   * again.
   */
  #postpone(lengthMs: number): void {
    for (const [name, memory] of this.#memories) this.#memories.set(name, postponedMemory(memory, lengthMs))
  }

  /** Logs, and publishes, the reason why the processes cannot be read, once; and once that they can again. */
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

  /** Takes a look for one watch; returns what is to be reported. */
  #judge(watch: WatchSpec, seen: Look): Hit[] {
    const { within, isLeftAlone } = this.#ports
    const { name } = watch
    // Nobody knows the share of a core yet: what was held before goes on.
    const isBlind = watch.cpuAbove !== undefined && seen.earlier === undefined
    if (isLeftAlone(name) || isBlind) return []
    if (isForShortage(watch))
      return this.#judgeCount(watch, within(name, () => selectedBy(watch, seen)).length, seen)
    const matches = within(name, () => matchesOf(watch, seen))
    const memory = this.#memoryOf(name)
    const nowMs = seen.table.uptimeMs
    const holds = hold(memory.holds, matches, nowMs)
    this.#memories.set(name, { ...memory, holds })
    return matches
      .filter(({ pid }) => {
        const { isTold, sinceMs } = holds.get(pid)!
        return !isTold && nowMs - sinceMs >= watch.forMs
      })
      .map((entry) => this.#found(watch, entry, seen))
  }

  #found(watch: WatchSpec, entry: ProcessEntry, seen: Look): Hit {
    const { name, select } = watch
    return {
      topic: `${this.#ports.root}/process/${name}/${entry.pid}`,
      payload: report(entry, seen.table, seen.earlier, select.user),
      told: () => {
        const { holds, shortage } = this.#memoryOf(name)
        const held = holds.get(entry.pid)!
        this.#memories.set(name, {
          holds: new Map([...holds, [entry.pid, { ...held, isTold: true }]]),
          shortage,
        })
      },
    }
  }

  #judgeCount(watch: ShortageSpec, count: number, { table }: Look): Hit[] {
    const { name } = watch
    const memory = this.#memoryOf(name)
    const { shortage, report: payload } = look(memory.shortage, count, table.uptimeMs, watch)
    const told = (): void => void this.#memories.set(name, { ...memory, shortage })
    if (payload !== null) return [{ topic: `${this.#ports.root}/process/${name}/${MISSING}`, payload, told }]
    told()
    return []
  }

  async #tell({ topic, payload, told }: Hit): Promise<void> {
    if (this.#isStopped) return
    await this.#ports.publish(hubMessage(topic, payload))
    if ('attempts' in payload && payload.state === 'given-up')
      this.#ports.log.error(
        `${topic}: ${payload.count} of ${payload.wanted} run, after ${payload.attempts} attempts; the watch gives up.`,
      )
    // Told only now: had the message not been committed, the next look would say it again.
    told()
  }

  /** Writes down what has changed, or what counts time. */
  async #keep(lookedMs: number): Promise<void> {
    const { store } = this.#ports
    let isChanged = false
    for (const watch of this.#watches) {
      const memory = this.#memoryOf(watch.name)
      const text = JSON.stringify(toJson(watch, memory, 0))
      if (text === this.#stored.get(watch.name) && !isCounting(memory)) continue
      store.keep(watch.name, toJson(watch, memory, lookedMs))
      this.#stored.set(watch.name, text)
      isChanged = true
    }
    if (isChanged) await store.flush()
  }

  #memoryOf(watch: string): Memory {
    return this.#memories.get(watch) ?? NOTHING
  }
}

const isForShortage = (watch: WatchSpec): watch is ShortageSpec => watch.countBelow !== undefined

/** The problem that an engine before this one has left in the retained message. */
function reasonIn(payload: Uint8Array | undefined): string {
  const told = jsonIn(payload) as { readonly reason?: unknown } | null | undefined
  return typeof told?.reason === 'string' ? told.reason : ''
}

interface Hit {
  readonly topic: string
  readonly payload: ReturnType<typeof report> | ShortageReport
  /** To be called when it is committed. */
  readonly told: () => void
}
