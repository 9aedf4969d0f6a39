// The engine's sign of life, in memory that its warden reads, because a thread that hangs cannot answer
// questions. Before user code runs, its number is written here, and so is the event or run that the engine
// works on. So whatever hangs, exits or exhausts memory has a name.

import type { WorkItem } from '../../model/suspect.ts'

const BEATS = 0
const ENTRIES = 1
const UNIT = 2
const ITEM_KIND = 3
/** The number of the event or run, in two halves. */
const ITEM_HIGH = 4
const ITEM_LOW = 5
const IS_BOXED = 6
const WORDS = 7

/** The number of a unit; 0 is the hub's own code. */
export type Unit = number

const ITEM_KINDS = [null, 'event', 'run'] as const

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
  turnTo(item: WorkItem | null): void {
    Atomics.store(this.#words, ITEM_HIGH, Math.floor((item?.id ?? 0) / 2 ** 32))
    Atomics.store(this.#words, ITEM_LOW, (item?.id ?? 0) | 0)
    Atomics.store(this.#words, ITEM_KIND, ITEM_KINDS.indexOf(item?.kind ?? null))
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
  readonly item: WorkItem | null
  readonly isBoxed: boolean
}

/** The warden's side. */
export function readPulse(memory: SharedArrayBuffer): PulseReading {
  const words = new Int32Array(memory)
  const kind = ITEM_KINDS[Atomics.load(words, ITEM_KIND)] ?? null
  const id = Atomics.load(words, ITEM_HIGH) * 2 ** 32 + (Atomics.load(words, ITEM_LOW) >>> 0)
  return {
    hasBegun: Atomics.load(words, BEATS) > 0,
    progress: `${Atomics.load(words, BEATS)}.${Atomics.load(words, ENTRIES)}`,
    unit: Atomics.load(words, UNIT),
    item: kind && { kind, id },
    isBoxed: Atomics.load(words, IS_BOXED) === 1,
  }
}
