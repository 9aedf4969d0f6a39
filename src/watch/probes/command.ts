// A program of the user's, with its arguments and without a shell: its exit status is a good one.

import { printable } from '../../base/printable.ts'
import type { TargetOf } from '../../model/probe.ts'
import { failed } from './dial.ts'
import type { Check } from './check.ts'
import type { ProbeContext } from './probe-context.ts'
import { firstLine, runProgram } from './program.ts'

export async function probeCommand(
  { argv, statuses }: TargetOf<'command'>,
  { signal }: Pick<ProbeContext, 'signal'>,
): Promise<Check> {
  const { exitCode, endedBy, problem, stdout, stderr, tookMs } = await runProgram(argv, {
    env: process.env,
    signal,
    isGroup: true,
  })
  if (problem !== null) {
    const why = problem === 'ENOENT' ? 'there is no such program' : `it was not started (${problem})`
    return { kind: 'unable', reason: `${argv[0]}: ${why}` }
  }
  if (exitCode !== null && statuses.includes(exitCode)) return { kind: 'good', latencyMs: tookMs }
  const said = printable(firstLine(stderr) || firstLine(stdout), 200)
  const how = exitCode === null ? `it was ended by ${endedBy}` : `it exited with ${exitCode}`
  return failed(said === '' ? how : `${how}: ${said}`)
}
