// Lets no more than so many jobs be under way at one time; the others wait in the order in which they came.

export class Lane {
  readonly #width: number
  readonly #waiting: (() => Promise<void>)[] = []
  readonly #underWay = new Set<Promise<void>>()

  constructor(width: number) {
    this.#width = width
  }

  /** @param job never rejects */
  enter(job: () => Promise<void>): void {
    if (this.#underWay.size < this.#width) this.#begin(job)
    else this.#waiting.push(job)
  }

  /** Forgets who waits, and resolves when nothing is under way. */
  async empty(): Promise<void> {
    this.#waiting.length = 0
    await Promise.all(this.#underWay)
  }

  #begin(job: () => Promise<void>): void {
    const turn = job().finally(() => {
      this.#underWay.delete(turn)
      const next = this.#waiting.shift()
      if (next) this.#begin(next)
    })
    this.#underWay.add(turn)
  }
}
