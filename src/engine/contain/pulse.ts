// The engine's sign of life, in memory that its warden reads, because a thread that hangs cannot answer
// questions. Before user code runs, its number is written here, and so is the event or run that the engine
// works on. So whatever hangs, exits or exhausts memory has a name.

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

  /** Called with each turn of the event loop. */
  beat(): void {
    Atomics.add(this.#words, BEATS, 1)
  }

  /** Notes that code of this unit runs, until `leave`. */
  enter(unit: Unit): void {
    Atomics.add(this.#words, ENTRIES, 1)
    Atomics.store(this.#words, UNIT, unit)
  }

  leave(): void {
    Atomics.store(this.#words, UNIT, 0)
  }

  /** Notes the event or run that the engine works on from here on; `null` for none. */
  turnTo(task: Task | null): void {
    Atomics.store(this.#words, TASK_HIGH, Math.floor((task?.id ?? 0) / 2 ** 32))
    Atomics.store(this.#words, TASK_LOW, (task?.id ?? 0) | 0)
    Atomics.store(this.#words, TASK_KIND, TASK_KINDS.indexOf(task?.kind ?? null))
  }

  /** Notes that the engine keeps the black box itself, so that its warden does not. */
  set isBoxed(isBoxed: boolean) {
    Atomics.store(this.#words, IS_BOXED, Number(isBoxed))
  }
}

export interface PulseReading {
  /** Whether there has been a first sign of life. Before that, the thread loads the hub's own code. */
  readonly hasBegun: boolean
  /** A number that changes as long as the engine makes progress. */
  readonly progress: string
  /** The unit whose code runs at this moment, or ran last if the thread is gone. */
  readonly unit: Unit
  /** The event or run that the engine works on, or worked on last. */
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
