// The engine's sign of life, written in memory that its warden reads: a thread that hangs cannot answer questions.
// Before code of the user runs, its number is set down here, so that what hangs, exits or exhausts memory has a name.

const BEATS = 0
const ENTRIES = 1
const UNIT = 2
const WORDS = 3

/** The number of a unit; 0 is the hub's own code. */
export type Unit = number

/** Code of the user that may take the engine down. */
export interface UserUnit {
  readonly kind: 'file' | 'rule'
  readonly name: string
}

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
}

export interface PulseReading {
  /** It has shown a first sign of life. Before that, the thread is loading the hub's own code. */
  readonly hasBegun: boolean
  /** Changes as long as the engine gets on. */
  readonly progress: string
  /** Whose code runs at this moment, or ran last if the thread is gone. */
  readonly unit: Unit
}

/** The warden's side. */
export function readPulse(memory: SharedArrayBuffer): PulseReading {
  const words = new Int32Array(memory)
  return {
    hasBegun: Atomics.load(words, BEATS) > 0,
    progress: `${Atomics.load(words, BEATS)}.${Atomics.load(words, ENTRIES)}`,
    unit: Atomics.load(words, UNIT),
  }
}
