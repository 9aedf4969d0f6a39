// What every rule would make of a message, for those who ask a hub: in a process of its own that lets everything
// else go first, one question at a time.

import type { Explanation } from '../../rules/explain/explain.ts'
import { inventedEvent } from '../../rules/explain/rehearse.ts'
import { inspectRules } from './inspect.ts'
import type { InspectOptions } from './inspect.ts'

export interface Explained {
  /** What did not load of the rules as they are saved. */
  readonly failures: readonly string[]
  readonly explanations: readonly Explanation[]
}

/** `null`: another question is being answered. */
export type Explain = (topic: string, payload: string, at: number) => Promise<Explained | null>

export interface ExplainPorts extends Pick<InspectOptions, 'rulesDir' | 'root' | 'place'> {
  readonly dataDir: string
}

export function openExplaining({ dataDir, ...hub }: ExplainPorts): Explain {
  let isBusy = false
  return async (topic, payload, at) => {
    if (isBusy) return null
    isBusy = true
    try {
      return await inspectRules({ ...hub, isPatient: true }, async ({ failures }, inspector) => ({
        failures,
        explanations: await inspector.explain(inventedEvent(topic, payload, 'live', at), dataDir),
      }))
    } finally {
      isBusy = false
    }
  }
}
