// Topic aliases towards one client: the first topics that it gets have one each, as many as it allows. An
// alias is told together with the topic's name once, and stands for the name from then on, as long as the
// connection lasts.
// [MQTT-3.3.2-7]

/** An alias is no shorter than a name of fewer bytes. */
const SHORTEST_NAME_BYTES = 4

export class Aliases {
  readonly #most: number
  readonly #byTopic = new Map<string, number>()

  /** @param most at least 1 */
  constructor(most: number) {
    this.#most = most
  }

  /**
   * The topic's alias: above 0 if the client knows it, below 0 if it is to be told with the name, 0 if there
   * is none.
   * [MQTT-3.1.2-26] [MQTT-3.3.2-11]
   */
  of(topic: string, topicBytes: number): number {
    const known = this.#byTopic.get(topic)
    if (known !== undefined) return known
    const next = this.#byTopic.size + 1
    return next > this.#most || topicBytes < SHORTEST_NAME_BYTES ? 0 : -next
  }

  /** The client has been told the topic's alias. */
  learn(topic: string): void {
    this.#byTopic.set(topic, this.#byTopic.size + 1)
  }
}
