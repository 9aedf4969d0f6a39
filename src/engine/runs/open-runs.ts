// The open runs of an engine, by number, and by rule and key, oldest first. `mode` looks at them, and queued
// runs go one after the other by them. Also adds up the memory that they take.

import type { Event } from '../../model/event.ts'
import type { OpenRun } from './open-run.ts'
import { weightOf } from './weight.ts'

/**
 * Bytes of open runs beyond which no more are taken. With many more the heap is full, and the engine dies
 * with all of them.
 */
export const HEAVIEST_RUNS = 200 * 2 ** 20
/** The memory that a run takes by itself, in bytes, without its steps. */
const RUN_BYTES = 2_048

export interface Entry {
  readonly open: OpenRun
  readonly event: Event
  /** The number of runs of the same rule and key that may go on side by side, the oldest first. */
  readonly width: number
  /** The memory that the run takes with its steps, as they were planned and decided, in bytes. */
  weight: number
  /** Steps in the queue, so that none is in it twice. */
  readonly queued: Set<string>
}

export class OpenRuns {
  readonly #entries = new Map<number, Entry>()
  /** Entries by rule and key. */
  readonly #lanes = new Map<string, Set<Entry>>()
  #weight = 0

  get size(): number {
    return this.#entries.size
  }

  /** The memory that the open runs take, in bytes. */
  get weight(): number {
    return this.#weight
  }

  get(run: number): Entry | undefined {
    return this.#entries.get(run)
  }

  all(): Iterable<Entry> {
    return this.#entries.values()
  }

  /** The runs of a rule and key, oldest first. */
  idsIn(rule: string, key: string): readonly number[] {
    return Array.from(this.#lanes.get(laneId(rule, key)) ?? [], ({ open }) => open.run.id)
  }

  add(open: OpenRun, event: Event, width: number): Entry {
    const entry = { open, event, width, weight: RUN_BYTES + weightOf(open.steps), queued: new Set<string>() }
    const id = laneOf(entry)
    const lane = this.#lanes.get(id)
    if (lane) lane.add(entry)
    else this.#lanes.set(id, new Set([entry]))
    this.#entries.set(open.run.id, entry)
    this.#weight += entry.weight
    return entry
  }

  /** Called when a step has been decided that takes so many bytes. */
  grow(entry: Entry, bytes: number): void {
    entry.weight += bytes
    this.#weight += bytes
  }

  remove(entry: Entry): void {
    const id = laneOf(entry)
    const lane = this.#lanes.get(id)
    lane?.delete(entry)
    if (lane?.size === 0) this.#lanes.delete(id)
    this.#entries.delete(entry.open.run.id)
    this.#weight -= entry.weight
  }

  /** Whether a run may go on now, side by side with those before it. */
  isItsTurn(entry: Entry): boolean {
    return entry.width === Infinity || this.#first(entry).includes(entry)
  }

  /** Runs that may go on now that this one is removed, where the rule's runs wait for one another. */
  behind(removed: Entry): readonly Entry[] {
    return removed.width === Infinity ? [] : this.#first(removed)
  }

  /** The oldest runs of a lane, as many as may go on side by side. */
  #first(one: Entry): readonly Entry[] {
    const first: Entry[] = []
    for (const entry of this.#lanes.get(laneOf(one)) ?? []) {
      if (first.length >= one.width) break
      first.push(entry)
    }
    return first
  }
}

const laneId = (rule: string, key: string): string => `${rule}\0${key}`
const laneOf = ({ open: { run } }: Entry): string => laneId(run.rule, run.key)
