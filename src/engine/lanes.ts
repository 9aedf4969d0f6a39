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

  /** Whether fewer than `width` older runs of the lane are open. */
  isAmongFirst(rule: string, key: string, run: number, width: number): boolean {
    let position = 0
    for (const other of this.#lanes.get(laneId(rule, key)) ?? []) {
      if (other === run) return true
      if (++position >= width) return false
    }
    return false
  }
}

const laneId = (rule: string, key: string): string => `${rule}\0${key}`
