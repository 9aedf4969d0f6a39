// A unit of systemd on this machine: its `ActiveState` is a good one. [org.freedesktop.systemd1(5)]

import type { TargetOf } from '../../model/probe.ts'
import { failed } from './dial.ts'
import type { Check } from './check.ts'
import type { ProbeContext } from './probe-context.ts'
import { firstLine, runProgram } from './program.ts'

const PROPERTIES = 'LoadState,ActiveState,SubState,Result'

export async function probeUnit(
  { unit, states }: TargetOf<'unit'>,
  { signal }: Pick<ProbeContext, 'signal'>,
  program = 'systemctl',
): Promise<Check> {
  const argv = [program, 'show', `--property=${PROPERTIES}`, '--', unit]
  const ran = await runProgram(argv, { env: { ...process.env, LC_ALL: 'C' }, signal })
  if (ran.problem === 'ENOENT')
    return { kind: 'unable', reason: `there is no program "${program}": this machine does not run systemd` }
  if (ran.problem !== null)
    return { kind: 'unable', reason: `the program "${program}" was not started (${ran.problem})` }
  if (ran.exitCode !== 0)
    return {
      kind: 'unable',
      reason: firstLine(ran.stderr) || `${program} exited with ${ran.exitCode ?? ran.endedBy}`,
    }
  const { LoadState, ActiveState = 'unknown', SubState, Result } = propertiesIn(ran.stdout)
  if (LoadState === 'not-found') return failed('there is no such unit')
  if (states.includes(ActiveState)) return { kind: 'good', latencyMs: ran.tookMs }
  return failed(`it is ${ActiveState} (${Result === 'success' || !Result ? SubState : Result})`)
}

const propertiesIn = (text: string): Partial<Record<string, string>> =>
  Object.fromEntries(text.split('\n').map((line) => line.split('=', 2)))
