// Open runs of one rule and key, oldest first: what `mode` looks at, and what lets queued runs go one after the other.

export class Lanes {
  readonly #lanes = new Map<string, Set<number>>()

  add(rule: string, key: string, run: number): void {
    const id = laneId(rule, key)
    const lane = this.#lanes.get(id)
    if (lane) lane.add(run)
    else this.#lanes.set(id, new Set([run]))
  }

  remove(rule: string, key: string, run: number): void {
    const id = laneId(rule, key)
    const lane = this.#lanes.get(id)
    lane?.delete(run)
    if (lane?.size === 0) this.#lanes.delete(id)
  }

  runsIn(rule: string, key: string): readonly number[] {
    return [...(this.#lanes.get(laneId(rule, key)) ?? [])]
  }

  /** The oldest `count` open runs. */
  first(rule: string, key: string, count: number): readonly number[] {
    const runs: number[] = []
    for (const run of this.#lanes.get(laneId(rule, key)) ?? []) {
      if (runs.length >= count) break
      runs.push(run)
    }
    return runs
  }
}

const laneId = (rule: string, key: string): string => `${rule}\0${key}`
