// Which topics go over a bridge, and what they are called on the other side. The first entry of the settings
// that matches a topic decides.

import type { QoS } from '../../model/event.ts'
import { type Hides, hidesDollar } from '../../topics/hidden.ts'
import { topicMatches } from '../../topics/matches.ts'

/** One entry of the settings (`config/bridges.ts` says what each means). */
export interface MappedTopic {
  readonly filter: string
  readonly direction: 'in' | 'out' | 'both'
  readonly from: string
  readonly to: string
  readonly qos: QoS
}

/** One way over the bridge. */
interface Way {
  /** On the side from where messages come. */
  readonly filter: string
  readonly from: string
  readonly to: string
  readonly qos: QoS
  /** Of a way in: the filter of this side, which has to match as well. */
  readonly local?: string
}

/** What a message is called on the other side, and the highest QoS that it has there. */
export interface Mapped {
  readonly topic: string
  readonly qos: QoS
}

export class Mapping {
  readonly #out: readonly Way[]
  readonly #in: readonly Way[]
  readonly #hides: { readonly out: Hides; readonly in: Hides }

  /** @param hides which local topics a wildcard in the first level does not reach, on each way */
  constructor(topics: readonly MappedTopic[], hides: { readonly out: Hides; readonly in: Hides }) {
    this.#hides = hides
    this.#out = topics.flatMap(({ filter, direction, from, to, qos }) =>
      direction === 'in' ? [] : [{ filter: from + filter, from, to, qos }],
    )
    this.#in = topics.flatMap(({ filter, direction, from, to, qos }) => {
      if (direction === 'out') return []
      return direction === 'in'
        ? [{ filter: from + filter, from, to, qos, local: to + filter }]
        : [{ filter: to + filter, from: to, to: from, qos, local: from + filter }]
    })
  }

  /** The local filters of what goes out. */
  get outFilters(): readonly string[] {
    return [...new Set(this.#out.map(({ filter }) => filter))]
  }

  /** The filters of the far side of what comes in, each with its highest QoS. */
  get inFilters(): ReadonlyMap<string, QoS> {
    const filters = new Map<string, QoS>()
    for (const { filter, qos } of this.#in) if (qos >= (filters.get(filter) ?? 0)) filters.set(filter, qos)
    return filters
  }

  /** What a local topic is called at the far side; `undefined` when it does not go there. */
  outward(topic: string): Mapped | undefined {
    return mapped(this.#out, topic, this.#hides.out)
  }

  /**
   * What a topic of the far side is called here; `undefined` when nobody asked for it, or for what it is
   * called here: only a filter that spells the hub's own root reaches commands.
   */
  inward(topic: string): Mapped | undefined {
    return mapped(this.#in, topic, hidesDollar, this.#hides.in)
  }
}

function mapped(
  ways: readonly Way[],
  topic: string,
  hides: Hides,
  hidesHere: Hides = hides,
): Mapped | undefined {
  for (const { filter, from, to, qos, local } of ways) {
    if (!topicMatches(filter, topic, hides)) continue
    // `a/#` matches `a`, which has no prefix `a/`.
    const name = topic.startsWith(from) ? to + topic.slice(from.length) : to.replace(/\/$/, '')
    if (local === undefined || topicMatches(local, name, hidesHere)) return { topic: name, qos }
  }
  return undefined
}
