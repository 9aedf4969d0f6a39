// A small number for each of the 65,535 packet identifiers, 0 meaning free. Takes no memory while nothing is
// in use, and a page of 512 bytes for a run of neighbours; identifiers are given out one after the other, so
// one or two pages are the rule.

const PAGE_BITS = 9
const PAGE_BYTES = 2 ** PAGE_BITS
const PAGE_MASK = PAGE_BYTES - 1
const MOST_SPARE_PAGES = 1_024

interface Page {
  readonly states: Uint8Array
  used: number
}

/** Pages that were emptied, for whoever needs the next: all zero. */
const spares: Page[] = []

export class PacketIds {
  #pages: Map<number, Page> | undefined
  #lastPage: Page | undefined
  #lastNumber = -1
  #size = 0

  /** How many identifiers are in use. */
  get size(): number {
    return this.#size
  }

  get(id: number): number {
    return this.#page(id >>> PAGE_BITS)?.states[id & PAGE_MASK] ?? 0
  }

  /** Takes an identifier into use, or changes its state; the state is from 1 to 255. */
  set(id: number, state: number): void {
    const number = id >>> PAGE_BITS
    const page = this.#page(number) ?? this.#addPage(number)
    if (page.states[id & PAGE_MASK] === 0) {
      page.used++
      this.#size++
    }
    page.states[id & PAGE_MASK] = state
  }

  /** Frees an identifier, in use or not. */
  delete(id: number): void {
    const number = id >>> PAGE_BITS
    const page = this.#page(number)
    if (page === undefined || page.states[id & PAGE_MASK] === 0) return
    page.states[id & PAGE_MASK] = 0
    this.#size--
    if (--page.used > 0) return
    this.#pages?.delete(number)
    this.#lastNumber = -1
    if (spares.length < MOST_SPARE_PAGES) spares.push(page)
  }

  #page(number: number): Page | undefined {
    if (number === this.#lastNumber) return this.#lastPage
    const page = this.#pages?.get(number)
    if (page !== undefined) {
      this.#lastPage = page
      this.#lastNumber = number
    }
    return page
  }

  #addPage(number: number): Page {
    const page = spares.pop() ?? { states: new Uint8Array(PAGE_BYTES), used: 0 }
    this.#pages ??= new Map()
    this.#pages.set(number, page)
    this.#lastPage = page
    this.#lastNumber = number
    return page
  }
}
