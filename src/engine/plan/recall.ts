// Messages that were retained before a rule came which wants them (`retained: 'fire'`). Each is told to the
// rule once, as an event of the origin `retained` that names the event which brought the message as its
// cause. What is retained later the rule hears as it comes.
//
// Always: a rule remembers up to which of them it has been told, together with what it did because of it.
// They are told in order of their events, so that is one number, and a crash at any moment leaves nothing out
// and tells nothing twice.

import type { Event } from '../../model/event.ts'
import type { JsonObject } from '../../model/json.ts'
import type { EngineReads, RetainedHead } from '../../model/store.ts'
import type { CompiledRule } from '../../rules/compile/compiled-rule.ts'
import type { RuleSet } from '../../rules/compile/rule-set.ts'
import { topicMatches } from '../../topics/matches.ts'
import type { RuleMemory } from './rule-memory.ts'

/** Rules cannot have this name. */
const OWNER = '@retained'

/** What a rule wants to be told: what `filters` match and `settled` do not, above `told` and up to `upTo`. */
interface Wish {
  readonly filters: readonly string[]
  /** Those that the rule had before: what they match it has been told, or has heard. */
  readonly settled: readonly string[]
  /** Events that brought a message; the rule has heard all that came later. */
  readonly told: number
  readonly upTo: number
  /** Only what is told after this event counts: what was told before may be the rest of an earlier time. */
  readonly after: number
}

export interface RecallPorts {
  readonly rules: RuleSet
  readonly memory: RuleMemory
  readonly reads: Pick<EngineReads, 'cursor' | 'retainedHeads'>
}

export class Recall {
  readonly #ports: RecallPorts

  constructor(ports: RecallPorts) {
    this.#ports = ports
  }

  /**
   * What has yet to be told, in the order in which it is to be.
   * @param lastEvent the last event that may have been told by an engine before this one
   * @param isWhole all rules are loaded: those that are not there have been removed
   */
  begin(lastEvent: number, isWhole: boolean): RetainedHead[] {
    const { rules, memory, reads } = this.#ports
    const wishing = rules.rules.filter(({ enabled, takesOld }) => enabled && takesOld)
    if (isWhole) {
      const names = new Set(wishing.map(({ name }) => name))
      for (const name of memory.keysOf(OWNER)) if (!names.has(name)) this.#remember(name, null)
    }
    if (wishing.length === 0) return []
    const cursor = reads.cursor()
    const heads = reads.retainedHeads()
    const wanted = wishing.flatMap((rule) => this.#wanted(rule, heads, cursor, lastEvent))
    return [...new Set(wanted)].toSorted((one, other) => one.event - other.event)
  }

  /** Whether the rule has yet to be told of this message; from then on it has been. */
  take(rule: CompiledRule, { id, topic, cause }: Event): boolean {
    const wish = this.#wishOf(rule.name)
    if (wish === undefined || cause === null || id <= wish.after) return false
    if (!isWithin(wish, { topic, event: cause.event })) return false
    this.#remember(rule.name, { ...wish, told: cause.event })
    return true
  }

  #wanted(
    rule: CompiledRule,
    heads: readonly RetainedHead[],
    cursor: number,
    lastEvent: number,
  ): RetainedHead[] {
    const { rules } = this.#ports
    const filters = [...new Set(rule.triggers.map(({ filter }) => filter.filter))].toSorted()
    const known = this.#wishOf(rule.name)
    const isKnown = known !== undefined && filters.join('\0') === known.filters.join('\0')
    const wish = isKnown
      ? known
      : { filters, settled: known?.filters ?? [], told: 0, upTo: cursor, after: lastEvent }
    const wanted = heads.filter((head) => isWithin(wish, head) && rules.matchOf(rule.name, head.topic))
    const next = wanted.length > 0 ? { ...wish, after: lastEvent } : { ...wish, told: wish.upTo }
    if (JSON.stringify(next) !== JSON.stringify(known)) this.#remember(rule.name, next)
    return wanted
  }

  #wishOf(rule: string): Wish | undefined {
    return (this.#ports.memory.state({ rule: OWNER, key: rule }) as Wish | null) ?? undefined
  }

  #remember(rule: string, wish: Wish | null): void {
    const state = wish as JsonObject | null
    this.#ports.memory.keep({ rule: OWNER, key: rule }, { state, wakeAt: null })
  }
}

const isWithin = ({ told, upTo, settled }: Wish, { topic, event }: RetainedHead): boolean =>
  event > told && event <= upTo && !settled.some((filter) => topicMatches(filter, topic))
