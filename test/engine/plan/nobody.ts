import type { SequencePorts } from '../../../src/engine/plan/sequence.ts'

/** A hub in which nobody pauses a rule. */
export const NO_PAUSES: SequencePorts['pauses'] = {
  take: () => {},
  wake: () => false,
  nextWakeAt: null,
  downtime: () => {},
  clockSet: () => {},
}

/** A hub in which nobody says anything of alerts. */
export const NO_ALERTS: SequencePorts['alerts'] = {
  take: () => {},
  wake: () => false,
  nextWakeAt: null,
  clockSet: () => {},
}
