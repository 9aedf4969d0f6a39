// Topics whose ids both sides know beforehand (6.5): for all clients, or for one. An id of one client goes
// before the same id of all.

/** A client id that stands for all clients, and for those who publish without a connection. */
export const EVERYBODY = '*'

export interface PredefinedTopic {
  /** A client id, or `*` for all. */
  readonly client: string
  readonly topic: string
  readonly id: number
}

/** The predefined topics of one client. */
export interface Predefined {
  topicOf(id: number): string | undefined
  idOf(topic: string): number | undefined
}

export class PredefinedTopics {
  readonly #byClient = new Map<string, Table>()

  constructor(topics: Iterable<PredefinedTopic>) {
    for (const { client, topic, id } of topics) {
      let table = this.#byClient.get(client)
      if (table === undefined) this.#byClient.set(client, (table = new Table()))
      table.add(topic, id)
    }
  }

  of(client: string): Predefined {
    const all = this.#byClient.get(EVERYBODY) ?? NONE
    const own = client === EVERYBODY ? undefined : this.#byClient.get(client)
    if (own === undefined) return all
    return {
      topicOf: (id) => own.topicOf(id) ?? all.topicOf(id),
      idOf(topic) {
        const id = own.idOf(topic) ?? all.idOf(topic)
        // The client may have given the id of all to another topic.
        return id !== undefined && this.topicOf(id) === topic ? id : undefined
      },
    }
  }
}

class Table implements Predefined {
  readonly #topics = new Map<number, string>()
  readonly #ids = new Map<string, number>()

  add(topic: string, id: number): void {
    this.#topics.set(id, topic)
    this.#ids.set(topic, id)
  }

  topicOf(id: number): string | undefined {
    return this.#topics.get(id)
  }

  idOf(topic: string): number | undefined {
    return this.#ids.get(topic)
  }
}

const NONE = new Table()
