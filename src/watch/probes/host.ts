// ICMP echo through a program that may open the raw socket that the hub may not: `fping` for many hosts at
// once where it is installed and the host is an address, otherwise the system's `ping`.

import type { TargetOf } from '../../model/probe.ts'
import { Echoes } from './echoes.ts'
import type { Check } from './check.ts'
import type { ProbeContext } from './probe-context.ts'
import { firstLine, runProgram } from './program.ts'

const fping = new Echoes()

/** macOS takes milliseconds where Linux takes seconds. */
const waitArgument = (timeoutMs: number): string =>
  String(process.platform === 'darwin' ? timeoutMs : Math.max(1, Math.ceil(timeoutMs / 1000)))

export async function probeHost(
  { host }: TargetOf<'host'>,
  { timeoutMs, signal }: Pick<ProbeContext, 'timeoutMs' | 'signal'>,
  program = 'ping',
  echoes = fping,
): Promise<Check> {
  // What begins with "-" would be an option, "--" or not: some ping programs look for options everywhere.
  if (!/^[^-\s\0][^\s\0]*$/.test(host))
    return {
      kind: 'unable',
      reason: `${JSON.stringify(host)} is no host: it is empty, begins with "-" or holds a space`,
    }
  const echoed = await echoes.ask(host, timeoutMs, signal)
  if (echoed) return echoed
  const argv = [program, '-n', '-q', '-c', '1', '-W', waitArgument(timeoutMs), '--', host]
  const { exitCode, endedBy, problem, stdout, stderr } = await runProgram(argv, {
    env: { ...process.env, LC_ALL: 'C' },
    signal,
  })
  if (problem === 'ENOENT')
    return {
      kind: 'unable',
      reason: `there is no program "${program}" on this machine: install it (iputils-ping), or use a tcp or url ping`,
    }
  if (problem !== null)
    return { kind: 'unable', reason: `the program "${program}" was not started (${problem})` }
  if (endedBy !== null) return { kind: 'unable', reason: `the program "${program}" was ended by ${endedBy}` }
  if (exitCode === 0) return { kind: 'good', latencyMs: latencyOf(stdout) }
  if (exitCode === 1) return { kind: 'failed', reason: 'no reply' }
  const said = firstLine(stderr).replace(/^\S*ping: /, '')
  if (/permitted|permission/i.test(said))
    return {
      kind: 'unable',
      reason: `ping may not open its socket here (${said}): use a tcp or url ping, or let it (setcap cap_net_raw+p)`,
    }
  return { kind: 'failed', reason: said || `ping exited with ${exitCode}` }
}

/**
 * Reads the average from `rtt min/avg/max/mdev = 0.020/0.020/0.020/0.000 ms`, or from the wording of macOS.
 */
function latencyOf(output: string): number {
  const [, average = '0'] = /=\s*[\d.]+\/([\d.]+)\//.exec(output) ?? []
  return Number(average)
}
