// Retained messages that are older than a rule which wants them (`retained: 'fire'`). The rule is given each
// of them once, as an event of the origin `retained` whose cause is the event that brought the message.
// Messages that are retained later reach the rule as they come.
//
// Always: a rule remembers up to which of them it has been given them, together with what it did because of
// it. They are given in the order of their ids, so a restart goes on where the last engine ended.

import type { Event } from '../../model/event.ts'
import type { JsonObject } from '../../model/json.ts'
import type { EngineReads, RetainedHead } from '../../model/store.ts'
import type { CompiledRule } from '../../rules/compile/compiled-rule.ts'
import type { RuleSet } from '../../rules/compile/rule-set.ts'
import { topicMatches } from '../../topics/matches.ts'
import type { RuleMemory } from './rule-memory.ts'

/** Retained messages that are told at one time. */
const PAGE = 256

/** The name under which this is remembered. Rules cannot have it. */
const OWNER = '@retained'

/**
 * The messages that a rule is to be given: those that `filters` match and `settled` does not, with an event
 * above `told` and up to `upTo`.
 */
interface Wish {
  readonly filters: readonly string[]
  /** The filters that the rule had before: it has been given, or has heard, all messages that they match. */
  readonly settled: readonly string[]
  /**
   * The events that brought messages: up to `told`, the rule has been given them; after `upTo`, it has heard
   * them as they came.
   */
  readonly told: number
  readonly upTo: number
  /**
   * Recalled messages count only if their event is after this one: those before may have been asked for by an
   * earlier engine.
   */
  readonly after: number
}

export interface RecallPorts {
  readonly rules: RuleSet
  readonly memory: RuleMemory
  readonly reads: Pick<EngineReads, 'cursor' | 'retainedHeads'>
}

/**
 * Has messages told a page at a time, so that none holds up the network thread, until the signal is aborted.
 * @param send resolves when the messages of the page are events
 */
export async function tellInPages(
  messages: readonly RetainedHead[],
  send: (page: readonly RetainedHead[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (let at = 0; at < messages.length && !signal.aborted; at += PAGE)
    await send(messages.slice(at, at + PAGE))
}

export class Recall {
  readonly #ports: RecallPorts

  constructor(ports: RecallPorts) {
    this.#ports = ports
  }

  /**
   * Returns the messages that are still to be given, in order.
   * @param lastEvent the newest event that an engine before this one may have given
   * @param isWhole all rules are loaded: rules that are not among them have been removed
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

  /** Whether this message is still to be given to the rule; from then on it counts as given. */
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
