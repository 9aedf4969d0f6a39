// The machine: Node, the clock, file descriptors, and whether hosts can be pinged.

import { existsSync, readFileSync } from 'node:fs'
import { probeHost } from '../../watch/probes/host.ts'
import { localSecond } from '../../base/local-time.ts'
import { DATABASE_FILE } from '../../journal/database/open.ts'
import { openQueries } from '../../journal/queries/queries.ts'
import { join } from 'node:path'
import { bad, type Finding, good, type Patient, warning } from './finding.ts'

/** A hub holds one descriptor for each client, and some forty of its own. */
const FEW_DESCRIPTORS = 1_024
const PING_LIMIT_MS = 2_000
/** Clocks of two machines differ a little. */
const TOLERANCE_MS = 5_000

export async function examineMachine(patient: Patient): Promise<readonly Finding[]> {
  return [
    examineNode(),
    examineClock(patient),
    examineDescriptors(limitIn('/proc/self/limits')),
    await examinePing(),
  ]
}

/** An older Node does not come this far: `bin.js` says so. */
const examineNode = (): Finding => good('node', `This is Node ${process.versions.node}.`)

/** A machine whose clock is behind its own journal has lost the time: its battery is empty, or NTP is missing. */
function examineClock({ config, now }: Patient): Finding {
  const newest = newestIn(config.data)
  if (newest !== undefined && newest > now + TOLERANCE_MS)
    return bad(
      'clock',
      `It is ${localSecond(now)} by this machine's clock, and the journal has an event of ${localSecond(newest)}.`,
      'Set the clock right: "timedatectl set-ntp true" has it set by NTP.',
    )
  return good('clock', `It is ${localSecond(now)} by this machine's clock.`)
}

function newestIn(data: string): number | undefined {
  if (!existsSync(join(data, DATABASE_FILE))) return undefined
  try {
    const queries = openQueries(data)
    try {
      return queries.history({ limit: 1 })[0]?.at
    } finally {
      queries.close()
    }
  } catch {
    // What is wrong with the data folder is a finding of its own.
    return undefined
  }
}

/** The soft limit of open files (proc(5)); `undefined` where the system does not tell, or has none. */
export function limitIn(file: string): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync(file, 'utf8')) ?? []
    return soft === undefined ? undefined : Number(soft)
  } catch {
    return undefined
  }
}

export function examineDescriptors(limit: number | undefined): Finding {
  if (limit === undefined) return good('files', 'No limit of open files is known.')
  const says = `A process may have ${limit} files open, of which each client takes one.`
  return limit > FEW_DESCRIPTORS
    ? good('files', says)
    : warning(
        'files',
        says,
        'Raise it for many clients: "ulimit -n 65536", or LimitNOFILE= of the systemd unit.',
      )
}

async function examinePing(): Promise<Finding> {
  const signal = AbortSignal.timeout(2 * PING_LIMIT_MS)
  const check = await probeHost({ host: '127.0.0.1' } as Parameters<typeof probeHost>[0], {
    timeoutMs: PING_LIMIT_MS,
    signal,
  }).catch((error: unknown) => ({ kind: 'failed' as const, reason: String(error) }))
  if (check.kind === 'good') return good('ping', 'Hosts can be pinged (ICMP).')
  return warning(
    'ping',
    `Hosts cannot be pinged: ${check.reason}.`,
    'Install "iputils-ping" or "fping"; where the socket is refused, widen net.ipv4.ping_group_range or use ' +
      '"setcap cap_net_raw+p". Pings by tcp and url need neither.',
  )
}
