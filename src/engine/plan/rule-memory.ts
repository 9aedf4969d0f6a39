// What each rule remembers for each key, and when it wants to be woken: read once at the start, from then on
// held in memory and written with whatever the draft commits next.

import type { JsonObject } from '../../model/json.ts'
import type { RuleState } from '../../model/store.ts'
import type { Draft } from '../runs/draft.ts'
import { WakeQueue } from '../time/wake-queue.ts'

export interface Owner {
  readonly rule: string
  readonly key: string
}

interface Memory {
  readonly state: JsonObject | null
  readonly wakeAt: number | null
}

export class RuleMemory {
  readonly #draft: Draft
  readonly #byRule = new Map<string, Map<string, RuleState>>()
  readonly #wakes = new WakeQueue<Owner>(({ rule, key }) => `${rule}\0${key}`)

  constructor(draft: Draft) {
    this.#draft = draft
  }

  /** Takes over what the store holds. */
  restore(states: readonly RuleState[]): void {
    for (const state of states) this.#hold(state)
  }

  state({ rule, key }: Owner): JsonObject | null {
    return this.#byRule.get(rule)?.get(key)?.state ?? null
  }

  keysOf(rule: string): readonly string[] {
    return [...(this.#byRule.get(rule)?.keys() ?? [])]
  }

  get rules(): readonly string[] {
    return [...this.#byRule.keys()]
  }

  /** The earliest moment at which somebody wants to be woken. */
  get nextWakeAt(): number | null {
    return this.#wakes.nextAt
  }

  /** Takes the earliest wake that is due by then. */
  takeDue(now: number): { readonly at: number; readonly value: Owner } | undefined {
    return this.#wakes.takeDue(now)
  }

  /** Remembers; writes nothing where there was nothing and is nothing. */
  keep(owner: Owner, { state, wakeAt }: Memory): void {
    if (state === null && this.state(owner) === null) return
    const kept: RuleState = { rule: owner.rule, key: owner.key, state, wakeAt }
    this.#hold(kept)
    this.#draft.ruleState(kept)
  }

  forget(rule: string): void {
    for (const key of this.keysOf(rule)) this.keep({ rule, key }, { state: null, wakeAt: null })
  }

  #hold(kept: RuleState): void {
    const { rule, key, state, wakeAt } = kept
    this.#wakes.set({ rule, key }, state === null ? null : wakeAt)
    const keys = this.#byRule.get(rule)
    if (state === null) {
      keys?.delete(key)
      if (keys?.size === 0) this.#byRule.delete(rule)
    } else if (keys) keys.set(key, kept)
    else this.#byRule.set(rule, new Map([[key, kept]]))
  }
}
