// ICMP echo through the system's `ping`, which may open the raw socket that the hub may not.

import type { Check } from './flip.ts'

/** macOS takes milliseconds where Linux takes seconds. */
const waitArgument = (timeoutMs: number): string =>
  String(process.platform === 'darwin' ? timeoutMs : Math.max(1, Math.ceil(timeoutMs / 1000)))

export async function probeHost(
  host: string,
  timeoutMs: number,
  signal: AbortSignal,
  program = 'ping',
): Promise<Check> {
  // A host that begins with "-" would be taken as an option, even after "--": some ping programs look for
  // options everywhere.
  if (!/^[^-\s\0][^\s\0]*$/.test(host))
    return {
      kind: 'unable',
      reason: `${JSON.stringify(host)} is no host: it is empty, begins with "-" or holds a space`,
    }
  const args = ['-n', '-q', '-c', '1', '-W', waitArgument(timeoutMs), '--', host]
  // execa is a hundred files. An engine that starts no program need not load them.
  const { execa } = await import('execa')
  const { exitCode, stdout, stderr, code } = await execa(program, args, {
    env: { LC_ALL: 'C' },
    reject: false,
    stdin: 'ignore',
    maxBuffer: 64 * 1024,
    cancelSignal: signal,
    killSignal: 'SIGKILL',
  })
  if (code === 'ENOENT')
    return {
      kind: 'unable',
      reason: `there is no program "${program}" on this machine: install it (iputils-ping), or use a tcp or url ping`,
    }
  if (code !== undefined && exitCode === undefined && !signal.aborted)
    return { kind: 'unable', reason: `the program "${program}" was not started (${code})` }
  if (signal.aborted) return { kind: 'failed', reason: (signal.reason as Error).message }
  if (exitCode === 0) return { kind: 'good', latencyMs: latencyOf(stdout) }
  if (exitCode === 1) return { kind: 'failed', reason: 'no reply' }
  const said =
    stderr
      .trim()
      .split('\n')[0]
      ?.replace(/^\S*ping: /, '') ?? ''
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
