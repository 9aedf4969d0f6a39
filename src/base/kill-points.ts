// Named places at which the crash suite ends the hub with SIGKILL, its engine with it, as a power cut would.
// Inert unless the variable VIGIE_KILL_AT names one: `outcome` for the first time that the place is passed,
// `outcome:3` for the third.

import { hubPid } from './hub-process.ts'

/** The places in the order in which an event, and what follows from it, pass them. */
export const KILL_POINTS = [
  // Received, and not on its way to the journal.
  'receive',
  // `write`: the event is with the journal, before COMMIT. `written`: after COMMIT, before anybody is told.
  'write',
  'written',
  // The rules have decided, and nothing of it is committed.
  'evaluate',
  // What they decided is committed.
  'plan',
  'step-start',
  'step-end',
  // How the step ended is committed.
  'outcome',
  // Whatever the engine wrote is committed; the ends of runs among it are not told.
  'commit',
  'announce',
  // What an alert has become is committed, and not published.
  'alert',
] as const
export type KillPoint = (typeof KILL_POINTS)[number]

// In an engine, `process.kill` refuses to end the hub once rules may be loaded.
const kill = process.kill.bind(process)
const [chosen, passes] = (process.env['VIGIE_KILL_AT'] ?? '').split(':')
let left = Number(passes ?? 1)

export function killPoint(name: KillPoint): void {
  if (name !== chosen || --left !== 0) return
  kill(hubPid, 'SIGKILL')
  kill(process.pid, 'SIGKILL')
}
