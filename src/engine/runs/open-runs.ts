// The open runs of an engine, by their numbers and by rule and key, oldest first: what `mode` looks at, and
// what lets queued runs go one after the other. And what they take in memory.

import type { Event } from '../../model/event.ts'
import type { OpenRun } from './open-run.ts'
import { weightOf } from './weight.ts'

/**
 * With much more than this in open runs, in bytes, the heap is full, and the engine dies with all of them.
 */
export const HEAVIEST_RUNS = 200 * 2 ** 20
/** What a run takes in memory by itself, without what its steps are given. */
const RUN_BYTES = 2_048

export interface Entry {
  readonly open: OpenRun
  readonly event: Event
  /** How many runs of its rule and key may go on side by side, the oldest first. */
  readonly width: number
  /** What it takes in memory, in bytes, with its steps as they were when it was added. */
  readonly weight: number
  /** Steps in the queue, so that none is in it twice. */
  readonly queued: Set<string>
}

export class OpenRuns {
  readonly #entries = new Map<number, Entry>()
  /** Of each rule and key. */
  readonly #lanes = new Map<string, Set<Entry>>()
  #weight = 0

  get size(): number {
    return this.#entries.size
  }

  /** What they take in memory, in bytes. */
  get weight(): number {
    return this.#weight
  }

  get(run: number): Entry | undefined {
    return this.#entries.get(run)
  }

  all(): Iterable<Entry> {
    return this.#entries.values()
  }

  /** Of a rule and key, oldest first. */
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

  remove(entry: Entry): void {
    const id = laneOf(entry)
    const lane = this.#lanes.get(id)
    lane?.delete(entry)
    if (lane?.size === 0) this.#lanes.delete(id)
    this.#entries.delete(entry.open.run.id)
    this.#weight -= entry.weight
  }

  /** Whether it may go on now, with those before it. */
  isItsTurn(entry: Entry): boolean {
    return entry.width === Infinity || this.#first(entry).includes(entry)
  }

  /** Those that may go on now that this one is removed, where its rule has them wait for one another. */
  behind(removed: Entry): readonly Entry[] {
    return removed.width === Infinity ? [] : this.#first(removed)
  }

  /** The oldest of a lane, as many as may go on side by side. */
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
