// The engine's sign of life, written in memory that its warden reads: a thread that hangs cannot answer
// questions. Before code of the user runs, its number is set down here, and so is the event or the run that
// the engine turns to: what hangs, exits or exhausts memory has a name.

import type { Task } from '../../model/suspect.ts'

const BEATS = 0
const ENTRIES = 1
const UNIT = 2
const TASK_KIND = 3
/** The number of the event or run, in two halves. */
const TASK_HIGH = 4
const TASK_LOW = 5
const IS_BOXED = 6
const WORDS = 7

/** The number of a unit; 0 is the hub's own code. */
export type Unit = number

const TASK_KINDS = [null, 'event', 'run'] as const

export const newPulse = (): SharedArrayBuffer => new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)

/** The engine's side. */
export class PulseWriter {
  readonly #words: Int32Array

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory)
  }

  /** The event loop turns. */
  beat(): void {
    Atomics.add(this.#words, BEATS, 1)
  }

  /** Code of this unit runs from here until `leave`. */
  enter(unit: Unit): void {
    Atomics.add(this.#words, ENTRIES, 1)
    Atomics.store(this.#words, UNIT, unit)
  }

  leave(): void {
    Atomics.store(this.#words, UNIT, 0)
  }

  /** The engine is busy with this from here on; `null` for nothing in particular. */
  turnTo(task: Task | null): void {
    Atomics.store(this.#words, TASK_HIGH, Math.floor((task?.id ?? 0) / 2 ** 32))
    Atomics.store(this.#words, TASK_LOW, (task?.id ?? 0) | 0)
    Atomics.store(this.#words, TASK_KIND, TASK_KINDS.indexOf(task?.kind ?? null))
  }

  /** The engine keeps the black box itself: its warden does not. */
  set isBoxed(isBoxed: boolean) {
    Atomics.store(this.#words, IS_BOXED, Number(isBoxed))
  }
}

export interface PulseReading {
  /** It has shown a first sign of life. Before that, the thread is loading the hub's own code. */
  readonly hasBegun: boolean
  /** Changes as long as the engine gets on. */
  readonly progress: string
  /** Whose code runs at this moment, or ran last if the thread is gone. */
  readonly unit: Unit
  /** What it is busy with, or was last. */
  readonly task: Task | null
  readonly isBoxed: boolean
}

/** The warden's side. */
export function readPulse(memory: SharedArrayBuffer): PulseReading {
  const words = new Int32Array(memory)
  const kind = TASK_KINDS[Atomics.load(words, TASK_KIND)] ?? null
  const id = Atomics.load(words, TASK_HIGH) * 2 ** 32 + (Atomics.load(words, TASK_LOW) >>> 0)
  return {
    hasBegun: Atomics.load(words, BEATS) > 0,
    progress: `${Atomics.load(words, BEATS)}.${Atomics.load(words, ENTRIES)}`,
    unit: Atomics.load(words, UNIT),
    task: kind && { kind, id },
    isBoxed: Atomics.load(words, IS_BOXED) === 1,
  }
}
