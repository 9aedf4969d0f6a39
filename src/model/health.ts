// Whether the hub keeps its promise at this moment, as a few named conditions. Each condition either holds,
// or has a sentence that says why not. `/healthz` reports all of them; `vigie status` shows those that do not
// hold.

/** The conditions of health. The compiler asks whoever adds a name here to say what watches over it. */
export const CONDITIONS = [
  /** The journal commits: acknowledged messages are kept. */
  'journal',
  /** The rules folder is loaded, so no event passes a rule that was not read. */
  'rules',
  /** An engine is in charge and makes progress, so what rules ask for is done. */
  'engine',
] as const

/** For each condition, the sentence that says why it does not hold, or `null` when it holds. */
export type Conditions = Readonly<Record<(typeof CONDITIONS)[number], string | null>>

export interface Health {
  /** `true` when every condition holds. */
  readonly ok: boolean
  readonly conditions: Conditions
}

export const healthOf = (conditions: Conditions): Health => ({
  ok: CONDITIONS.every((name) => conditions[name] === null),
  conditions,
})
