// Adaptive group commit: what arrives while one group is being committed becomes the next group; there is no
// timer. Answers leave in the order of arrival, when the group is committed and on the disk. While the disk
// refuses a group, it is tried again every second, and nothing is acknowledged. Nothing is acknowledged
// either while a path of the database leads to another file than the open one.

import type { Clock } from '../../base/clock.ts'
import { killPoint } from '../../base/kill-points.ts'
import type { Log } from '../../base/log.ts'
import { messageOf } from '../../base/printable.ts'
import type { Change, CommittedEvents } from '../../model/store.ts'
import { Unpacker } from './batch.ts'
import type { Batch } from './batch.ts'
import { displacedSentence, troubleSentence } from './trouble.ts'
import type { Writer } from './writer.ts'

const RETRY_PAUSE_MS = 1_000
const HEARTBEAT_MS = 10_000
/**
 * The longest time that the hub still acknowledges after its files were removed, moved or covered by a mount.
 */
const LOOK_EVERY_MS = 500
/**
 * Bounds the events and changes of sessions and bridges in one transaction: in a longer one the first event
 * would wait too long for the last. A batch is never split, so a group can exceed this by one batch.
 */
const EVENTS_PER_GROUP = 10_000
/** Changes of engines in one transaction. */
const CHANGES_PER_GROUP = 1_000

export interface GroupCommitOptions {
  readonly writer: Writer
  /** The path of the database, for messages to the operator. */
  readonly path: string
  readonly clock: Clock
  readonly log: Log
  /** Receives the newest id that is safe, of an event or a mark, and the events of the commit. */
  readonly onCommitted: (upTo: number, committed: CommittedEvents) => void
  /** Called when changes of an engine are committed. */
  readonly onChanged: () => void
  readonly onTrouble: (sentence: string | null) => void
}

interface WaitingChange {
  readonly change: Change
  readonly answer: PromiseWithResolvers<void>
}

/** A group that is committed, but whose answers have not left. */
interface Committed extends CommittedEvents {
  /** The newest id in the group; 0 when it holds neither an event nor a mark. */
  readonly upTo: number
  readonly changes: readonly WaitingChange[]
  /** For each change, `null` or why it was refused. */
  readonly refused: readonly (Error | null)[]
}

export class GroupCommit {
  readonly #options: GroupCommitOptions
  readonly #unpacker = new Unpacker()
  #batches: Batch[] = []
  #changes: WaitingChange[] = []
  #committed: Committed | null = null
  #scheduled = false
  #trouble: string | null = null
  #stopped = false
  /** A path that no longer leads to the open file; `null` when all paths do. */
  #displaced: string | null = null
  #cancelHeartbeat = (): void => {}
  #cancelLook = (): void => {}

  constructor(options: GroupCommitOptions) {
    this.#options = options
  }

  start(): void {
    const { clock } = this.#options
    const beat = (): void => {
      this.#upkeep((writer) => writer.beat())
      this.#schedule()
      this.#cancelHeartbeat = clock.after(HEARTBEAT_MS, beat)
    }
    this.#cancelHeartbeat = clock.after(HEARTBEAT_MS, beat)
    const look = (): void => {
      this.#lookAtFiles()
      this.#cancelLook = clock.after(LOOK_EVERY_MS, look)
    }
    this.#cancelLook = clock.after(LOOK_EVERY_MS, look)
  }

  takeBatch(batch: ArrayBuffer): void {
    this.#batches.push(this.#unpacker.unpack(batch))
    this.#schedule()
  }

  commit(change: Change): Promise<void> {
    const answer = Promise.withResolvers<void>()
    this.#changes.push({ change, answer })
    this.#schedule()
    return answer.promise
  }

  /** Commits everything that waits. Returns false when the disk refuses. */
  stop(): boolean {
    this.#cancelHeartbeat()
    this.#cancelLook()
    this.#lookAtFiles()
    this.#stopped = true
    while (this.#hasWork) if (!this.#finishGroup()) return false
    return true
  }

  get #hasWork(): boolean {
    return this.#committed !== null || this.#batches.length > 0 || this.#changes.length > 0
  }

  #schedule(): void {
    if (this.#scheduled || this.#stopped) return
    this.#scheduled = true
    setImmediate(() => this.#turn())
  }

  /** Commits one group, if anything waits, and does a piece of upkeep. */
  #turn(): void {
    this.#scheduled = false
    if (this.#stopped) return
    const busy = this.#hasWork
    const isFinished = !busy || this.#finishGroup()
    const more = this.#upkeep((writer) => writer.tidy(busy))
    if (!isFinished) {
      this.#scheduled = true
      this.#options.clock.after(RETRY_PAUSE_MS, () => this.#turn())
    } else if (this.#hasWork || more) this.#schedule()
  }

  /** Commits one group, brings it to the disk and answers. Returns false when the disk refuses. */
  #finishGroup(): boolean {
    if (this.#displaced !== null) return false
    try {
      this.#committed ??= this.#commitGroup()
      this.#options.writer.sync()
    } catch (error) {
      this.#setTrouble(troubleSentence(this.#options.path, error))
      return false
    }
    this.#tell(this.#committed)
    this.#committed = null
    return true
  }

  #lookAtFiles(): void {
    const { displaced } = this.#options.writer
    if (displaced === this.#displaced) return
    this.#displaced = displaced
    if (displaced !== null) this.#setTrouble(displacedSentence(displaced))
    else if (this.#hasWork) this.#schedule()
    else this.#setTrouble(null)
  }

  #commitGroup(): Committed {
    const batches = this.#nextBatches()
    const changes = this.#changes.slice(0, CHANGES_PER_GROUP)
    const events = batches.length === 1 ? batches[0]!.events : batches.flatMap((batch) => batch.events)
    if (events.length > 0) killPoint('write')
    const after = this.#options.writer.lastEventId
    const refused = this.#options.writer.commit({
      events,
      gaps: batches.flatMap((batch) => batch.gaps),
      sessions: batches.flatMap((batch) => batch.sessions),
      bridges: batches.flatMap((batch) => batch.bridges),
      changes: changes.map(({ change }) => change),
    })
    if (events.length > 0) killPoint('written')
    this.#batches.splice(0, batches.length)
    this.#changes.splice(0, changes.length)
    return { upTo: Math.max(0, ...batches.map((batch) => batch.upTo)), after, events, changes, refused }
  }

  #tell(committed: Committed): void {
    const { upTo, changes, refused } = committed
    this.#setTrouble(null)
    if (upTo > 0) this.#options.onCommitted(upTo, committed)
    if (changes.length > 0) this.#options.onChanged()
    for (const [index, { answer }] of changes.entries()) {
      const reason = refused[index]
      if (reason) answer.reject(reason)
      else answer.resolve()
    }
  }

  #nextBatches(): Batch[] {
    let size = 0
    const end = this.#batches.findIndex(
      ({ events, sessions, bridges }) =>
        (size += events.length + sessions.length + bridges.length) >= EVENTS_PER_GROUP,
    )
    return end === -1 ? this.#batches.slice() : this.#batches.slice(0, end + 1)
  }

  /**
   * Does work that can be postponed without harm. On a full disk it still runs, since pruning frees space.
   */
  #upkeep<T>(work: (writer: Writer) => T): T | undefined {
    if (this.#displaced !== null) return undefined
    try {
      return work(this.#options.writer)
    } catch (error) {
      if (this.#trouble === null) {
        this.#options.log.warn(`Upkeep of ${this.#options.path} is put off: ${messageOf(error)}.`)
      }
      return undefined
    }
  }

  #setTrouble(sentence: string | null): void {
    if (sentence === this.#trouble) return
    if (sentence === null) this.#options.log.info('The journal can be written again; nothing was lost.')
    else this.#options.log.error(sentence)
    this.#trouble = sentence
    this.#options.onTrouble(sentence)
  }
}
