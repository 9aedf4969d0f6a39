// The memory of each rule for each key, and its next wake. It is read once at the start, then held in memory,
// and written with the draft that is committed next.

import type { JsonObject } from '../../model/json.ts'
import { TOGETHER_STATES } from '../../model/store.ts'
import type { RuleState } from '../../model/store.ts'
import type { Draft } from '../runs/draft.ts'
import { WakeQueue } from '../../base/wake-queue.ts'

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

  /** Reads the memory from the store. */
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

  /** The earliest wake. */
  get nextWakeAt(): number | null {
    return this.#wakes.nextAt
  }

  /** Takes out the earliest wake that is due at the moment. */
  takeDue(now: number): { readonly at: number; readonly value: Owner } | undefined {
    return this.#wakes.takeDue(now)
  }

  /** Remembers a state. Writes nothing if there was no state and there is none now. */
  keep(owner: Owner, { state, wakeAt }: Memory): void {
    if (state === null && this.state(owner) === null) return
    const kept: RuleState = { rule: owner.rule, key: owner.key, state, wakeAt }
    this.#hold(kept)
    this.#draft.ruleState(kept)
  }

  /** Forgets what rules remember that are gone, alone and by their joint firings. */
  keepOnly(isDeclared: (rule: string) => boolean): void {
    for (const [rule, keys] of this.#byRule)
      for (const key of keys.keys()) {
        // Names that begin with @ are no rules.
        const owner = rule === TOGETHER_STATES ? key : rule
        if (!owner.startsWith('@') && !isDeclared(owner))
          this.keep({ rule, key }, { state: null, wakeAt: null })
      }
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
