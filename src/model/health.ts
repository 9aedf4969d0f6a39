// Whether the hub keeps its promise at this moment: a few named conditions, of which each holds or has a
// sentence that says why not. `/healthz` answers with them, and `vigie status` shows those that do not hold.

/** What has to hold. Who adds a name here is asked by the compiler for whoever watches over it. */
export const CONDITIONS = [
  /** Commits reach the journal: what is acknowledged is kept. */
  'journal',
  /** The rules folder is loaded: no event passes a rule that was not read. */
  'rules',
  /** An engine is in charge and gets on: what rules ask for is done. */
  'engine',
] as const

/** For each condition, the sentence that says why it does not hold; `null` when it holds. */
export type Conditions = Readonly<Record<(typeof CONDITIONS)[number], string | null>>

export interface Health {
  /** All conditions hold. */
  readonly ok: boolean
  readonly conditions: Conditions
}

export const healthOf = (conditions: Conditions): Health => ({
  ok: CONDITIONS.every((name) => conditions[name] === null),
  conditions,
})
