// Ends the processes that a step has started and left running, when its time is up or the hub died under it.
// They are found by the identity that was stored, by their descent from it, by the step's key in the
// environment, which is there even when the hub died before it could store anything, and by the control group
// of the step, where there is one.

import type { ProcessIdentity } from '../model/action.ts'
import type { ProcessEnding } from '../model/process.ts'
import { commandCgroups } from '../process/command-cgroups.ts'
import { endProcesses } from '../process/end.ts'
import type { EndOptions } from '../process/end.ts'
import { stepKey } from './context.ts'

type StepName = Parameters<typeof stepKey>[0]

/** The variable that holds the key of a step in the environment of all processes that the step starts. */
export const KEY_VARIABLE = 'VIGIE_KEY'

/**
 * Ends all that a step has started.
 * @param step `null` when its key can no longer be told: then only what descends from the process is found
 */
export const endStep = (
  step: StepName | null,
  identity: ProcessIdentity | null,
  options: Pick<EndOptions, 'graceMs' | 'clock'>,
): Promise<ProcessEnding[]> =>
  endProcesses(identity ? [identity] : [], {
    ...options,
    descendants: true,
    ...(step && {
      carrying: `${KEY_VARIABLE}=${stepKey(step)}`,
      within: commandCgroups.pathOf(stepKey(step)),
    }),
  })
