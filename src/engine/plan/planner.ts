// Reads the journal behind the cursor, has the rules asked (sequence.ts), and commits what they want. Wakes
// that are due at the head of the journal follow the wall clock.
//
// Always: what follows from an event is committed together with the cursor that has passed it: runs, what
// rules remember, verdicts. So a crash at any moment loses nothing and plans nothing twice.

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'
import { killPoint } from '../../base/kill-points.ts'
import { formatSize } from '../../base/quantities.ts'
import type { EngineReads } from '../../model/store.ts'
import type { WorkItem } from '../../model/suspect.ts'
import { Alarm } from '../time/alarm.ts'
import { HEAVIEST_RUNS } from '../runs/open-runs.ts'
import { HEAVIEST_COMMIT } from '../runs/weight.ts'
import type { ClockChange } from '../time/clock-watch.ts'
import type { Received } from '../protocol.ts'
import type { Draft } from '../runs/draft.ts'
import { Sequence } from './sequence.ts'
import type { SequencePorts } from './sequence.ts'

const BATCH = 512
/** The most bytes of payloads that are read at once and held in memory. */
const BATCH_BYTES = 4 * 2 ** 20
/** A batch ends after this time, so that steps and wakes get their turn. */
const LONGEST_BATCH_MS = 20
/** While more steps than this wait, no event is evaluated. The journal keeps the events. */
const LONGEST_QUEUE = 10_000
/**
 * The memory that a payload may take for each of its bytes while rules look at it: its text, and that parsed
 * as JSON.
 */
const BYTES_AT_WORK = 8
const QUEUE_LOOK_MS = 50
/**
 * A cursor that has only passed events which no rule waits for is written with the next change, or after this
 * time.
 */
const CURSOR_AFTER_MS = 1_000

export interface PlannerPorts extends SequencePorts {
  readonly clock: Clock
  /** Milliseconds since some moment, by a clock that is cheap enough to be read for each event. */
  readonly elapsedMs: () => number
  readonly reads: Pick<EngineReads, 'cursor' | 'heardAfter'>
  /** Whether a rule reads the topic, or the hub tells of its pauses there. */
  readonly hears: (topic: string) => boolean
  readonly draft: Draft
  /** Commits the draft together with the claims of what can begin, and begins it. */
  readonly flush: () => Promise<void>
  /** Commits the draft, if only the cursor. */
  readonly commit: () => Promise<void>
  /** The number of steps that wait for their turn. */
  readonly queueLength: () => number
  /** The memory that open runs take, in bytes. */
  readonly weight: () => number
  /**
   * Asks for the newest event that was received, and the moment of the answer. The event may still be on its
   * way through the journal.
   */
  readonly received: () => Promise<Received>
  /** Looks at the wall clock, and calls `clockSet` before it returns if the clock has been set. */
  readonly lookAtClock: () => void
  /** Whether runs that were open before this start are still being taken up. */
  readonly isRescuing: () => boolean
  /** Notes the event that is being evaluated; `null` for none. */
  readonly turnTo: (item: WorkItem | null) => void
  /**
   * The number of events that are evaluated one by one, each committed before the next, because one of them
   * may have ended engines.
   */
  readonly suspects: number
}

export class Planner {
  readonly #ports: PlannerPorts
  readonly #alarm: Alarm
  readonly #sequence: Sequence
  #cursor = 0
  #writtenCursor = 0
  #turning: Promise<void> | undefined
  #isPoked = false
  #isStopped = true
  #heldBack: string | null = null
  /**
   * The events that must be evaluated before the wakes up to its moment; `asked` until the answer is there.
   */
  #received: Received | 'asked' | undefined
  #cancelCursor: (() => void) | undefined
  /** Whether a look at the queue is scheduled. One is enough, however often `poke` is called before it. */
  #isToLook = false
  /** Events that are still taken one by one. */
  #suspects: number
  /** Bytes of the next event's payload while it waits for memory; 0 otherwise. */
  #nextBytes = 0

  constructor(ports: PlannerPorts) {
    this.#ports = ports
    this.#suspects = ports.suspects
    this.#sequence = new Sequence(ports)
    this.#alarm = new Alarm(ports.clock, () => this.poke())
  }

  get cursor(): number {
    return this.#cursor
  }

  /** The end of a sentence that says why no event is evaluated at this moment; `null` when events are. */
  get heldBack(): string | null {
    return this.#heldBack
  }

  start(): void {
    this.#isStopped = false
    this.#cursor = this.#writtenCursor = this.#ports.reads.cursor()
    this.poke()
  }

  /** Looks for work: more has been committed, a moment has come, or the queue has become shorter. */
  poke(): void {
    this.#isPoked = true
    if (!this.#isStopped) this.#turning ??= this.#turn().finally(() => this.#endTurn())
  }

  /** Called when the wall clock has been set: every wait keeps its length. */
  clockSet(change: ClockChange): void {
    this.#sequence.clockSet(change)
    this.poke()
  }

  /** Resolves when the batch under way is committed, together with the cursor. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#alarm.set(null)
    await this.#turning
    await this.#writeCursor()
  }

  async #turn(): Promise<void> {
    while (this.#isPoked && !this.#isStopped) {
      this.#isPoked = false
      this.#heldBack = this.#reasonToWait()
      if (this.#heldBack !== null) {
        this.#lookLater()
        break
      }
      this.#ports.lookAtClock()
      const isEnough = this.#limit()
      const isAtHead = this.#takeBatch(isEnough)
      if (!isAtHead || !this.#reachHead(isEnough)) this.#isPoked = true
      if (this.#ports.draft.hasDecisions) {
        killPoint('evaluate')
        await this.#ports.flush()
        killPoint('plan')
        this.#writtenCursor = this.#cursor
      }
      this.#ports.turnTo(null)
      await nextTurn()
    }
  }

  /** Decides when a batch ends. */
  #limit(): () => boolean {
    if (this.#suspects > 0) {
      this.#suspects--
      return () => true
    }
    const { elapsedMs, weight } = this.#ports
    const begunAt = elapsedMs()
    const heaviest = Math.min(HEAVIEST_RUNS, weight() + HEAVIEST_COMMIT)
    return () => elapsedMs() - begunAt > LONGEST_BATCH_MS || weight() > heaviest
  }

  #reasonToWait(): string | null {
    const { queueLength, weight, isRescuing } = this.#ports
    if (isRescuing()) return 'runs that were open before this start are taken up first'
    if (queueLength() > LONGEST_QUEUE)
      return `more than ${LONGEST_QUEUE.toLocaleString('en')} steps wait for a place`
    if (this.#isTooMuch(this.#nextBytes))
      return `open runs leave no memory for the next event, of ${formatSize(this.#nextBytes)}`
    return weight() > HEAVIEST_RUNS ? `open runs take more than ${formatSize(HEAVIEST_RUNS)} of memory` : null
  }

  #lookLater(): void {
    if (this.#isToLook) return
    this.#isToLook = true
    this.#ports.clock.after(QUEUE_LOOK_MS, () => {
      this.#isToLook = false
      this.poke()
    })
  }

  #endTurn(): void {
    this.#turning = undefined
    if (this.#isStopped) return
    if (this.#isPoked) return this.poke()
    // Whatever holds wakes back calls `poke` when it is over.
    const isWaiting = this.#heldBack !== null || this.#received !== undefined
    this.#alarm.set(isWaiting ? null : this.#sequence.nextWakeAt)
    if (this.#writtenCursor !== this.#cursor)
      this.#cancelCursor ??= this.#ports.clock.after(CURSOR_AFTER_MS, () => void this.#writeCursor())
  }

  /** Returns whether the journal holds no more. */
  #takeBatch(isEnough: () => boolean): boolean {
    const { reads, hears, turnTo } = this.#ports
    const { events, upTo, isAll } = reads.heardAfter(this.#cursor, BATCH, BATCH_BYTES, hears)
    for (const [index, event] of events.entries()) {
      this.#nextBytes = event.payload.length
      if (this.#isTooMuch(this.#nextBytes)) return false
      this.#nextBytes = 0
      turnTo({ kind: 'event', id: event.id })
      if (!this.#sequence.take(event, isEnough)) return false
      this.#pass(event.id)
      if (isEnough() && index < events.length - 1) return false
    }
    if (upTo > this.#cursor) this.#pass(upTo)
    return isAll
  }

  /** Whether a payload has no room beside the open runs. Alone it is read, whatever memory it takes. */
  #isTooMuch(bytes: number): boolean {
    const weight = this.#ports.weight()
    return bytes > 0 && weight > 0 && weight + bytes * BYTES_AT_WORK > HEAVIEST_RUNS
  }

  #pass(event: number): void {
    this.#cursor = event
    this.#ports.draft.cursor(event)
  }

  /**
   * Fires the wakes that are due, each after every event that was received before its moment. Returns whether
   * none is left.
   */
  #reachHead(isEnough: () => boolean): boolean {
    if (!this.#sequence.reachHead(isEnough)) return false
    const now = this.#ports.clock.now()
    const { nextWakeAt } = this.#sequence
    if (this.#received === undefined && nextWakeAt !== null && nextWakeAt <= now) void this.#askReceived()
    if (typeof this.#received !== 'object' || this.#received.id > this.#cursor) return true
    if (!this.#sequence.wakeUntil(Math.min(this.#received.at, now), isEnough)) return false
    this.#received = undefined
    return true
  }

  async #askReceived(): Promise<void> {
    this.#received = 'asked'
    // The hub answers unless it is ending.
    this.#received = await this.#ports.received().catch(() => undefined)
    this.poke()
  }

  async #writeCursor(): Promise<void> {
    this.#cancelCursor?.()
    this.#cancelCursor = undefined
    this.#writtenCursor = this.#cursor
    if (!this.#ports.draft.isEmpty) await this.#ports.commit()
  }
}
