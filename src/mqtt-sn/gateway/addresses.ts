// Who is at which address: a table with a bound that nobody fills by forging addresses. A client is a stranger
// until it has shown that it hears the hub at its address. When the table is full, the stranger that was
// silent for longest goes; who is no stranger stays.

export interface Addresses<Client> {
  readonly size: number
  get(address: string): Client | undefined
  /** Takes a client in. Returns `false` if all places are taken by clients that are no strangers. */
  add(address: string, client: Client): boolean
  /** The client is no stranger any more. */
  prove(address: string): void
  delete(address: string, client: Client): void
  values(): Iterable<Client>
}

export class AddressTable<Client> implements Addresses<Client> {
  readonly #most: number
  readonly #evict: (client: Client) => void
  readonly #proven = new Map<string, Client>()
  /** The one that was silent for longest comes first. */
  readonly #strangers = new Map<string, Client>()

  /** @param evict ends a stranger that has to go; the table has forgotten it by then */
  constructor(most: number, evict: (client: Client) => void) {
    this.#most = most
    this.#evict = evict
  }

  get size(): number {
    return this.#proven.size + this.#strangers.size
  }

  /** A stranger that is asked for has been heard. */
  get(address: string): Client | undefined {
    const stranger = this.#strangers.get(address)
    if (stranger === undefined) return this.#proven.get(address)
    this.#strangers.delete(address)
    this.#strangers.set(address, stranger)
    return stranger
  }

  add(address: string, client: Client): boolean {
    if (this.size >= this.#most && !this.#makeRoom()) return false
    this.#strangers.set(address, client)
    return true
  }

  prove(address: string): void {
    const client = this.#strangers.get(address)
    if (client === undefined) return
    this.#strangers.delete(address)
    this.#proven.set(address, client)
  }

  delete(address: string, client: Client): void {
    if (this.#strangers.get(address) === client) this.#strangers.delete(address)
    if (this.#proven.get(address) === client) this.#proven.delete(address)
  }

  *values(): Generator<Client> {
    yield* this.#proven.values()
    yield* this.#strangers.values()
  }

  #makeRoom(): boolean {
    for (const [address, client] of this.#strangers) {
      this.#strangers.delete(address)
      this.#evict(client)
      return true
    }
    return false
  }
}
