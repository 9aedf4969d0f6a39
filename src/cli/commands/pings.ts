// `vigie pings`: what the running hub knows of each ping, those that need somebody first.

import { localSecond } from '../../base/local-time.ts'
import { printable } from '../../base/printable.ts'
import { formatDuration } from '../../base/quantities.ts'
import type { HubStatus } from '../../model/hub-status.ts'
import type { PingState, PingStatus } from '../../model/probe.ts'
import { askHub } from '../frame/ask-hub.ts'
import { type Command, EXIT, type Terminal, UserError } from '../frame/command.ts'
import { jsonOption } from '../frame/options.ts'
import { whereOptions } from '../frame/hub-address.ts'
import { aligned } from '../show/columns.ts'
import { paintFor } from '../show/paint.ts'
import type { Paint } from '../show/paint.ts'

export const pings: Command = {
  options: [jsonOption(), ...whereOptions()],
  help: `The latency is that of the last good check. Exits with 1 when a ping is down or cannot be checked.`,
  async run(input) {
    const { options, terminal } = input
    const { engine } = (await askHub(input, 'GET', '/api/status')) as HubStatus
    if (engine.now === null)
      throw new UserError('The engine of the hub does not answer, so nothing is known of its pings now.')
    const listed = engine.now.pings.toSorted((a, b) => rankOf(a) - rankOf(b))
    if (options['json']) for (const ping of listed) terminal.out(`${JSON.stringify(ping)}\n`)
    else if (listed.length === 0) terminal.out('The rules declare no ping.\n')
    else tell(listed, terminal)
    return listed.some(({ state, isUnable }) => state === 'down' || isUnable) ? EXIT.failed : EXIT.ok
  },
}

const ORDER: readonly PingState[] = ['down', 'flapping', 'unreachable', 'unknown', 'up']
const rankOf = ({ state, isUnable }: PingStatus): number => (isUnable ? 0 : ORDER.indexOf(state))

function tell(listed: readonly PingStatus[], terminal: Terminal): void {
  const paint = paintFor(terminal)
  const now = terminal.now()
  const [headings = [], ...rows] = aligned([HEADINGS, ...listed.map((ping) => cellsOf(ping, now))])
  terminal.out(`${paint.dim(headings.join('  ').trimEnd())}\n`)
  for (const [index, ping] of listed.entries()) {
    const [name = '', state = '', ...rest] = rows[index]!
    terminal.out(`${[paint.bold(name), paintState(state, ping, paint), ...rest].join('  ').trimEnd()}\n`)
  }
}

const HEADINGS = ['ping', 'state', 'since', 'latency', 'next check', 'reason']

function cellsOf(ping: PingStatus, now: number): readonly string[] {
  const { name, host, kind, state, since, latencyMs, nextAt, mutedBy } = ping
  const reason = mutedBy === null ? ping.reason : `${ping.reason} (muted by ${mutedBy})`
  return [
    `${printable(name)} (${kind})${host === undefined ? '' : ` on ${host}`}`,
    state,
    since === null ? '-' : localSecond(Date.parse(since)),
    latencyMs === null ? '-' : `${latencyMs < 1 ? latencyMs.toFixed(2) : Math.round(latencyMs)} ms`,
    nextAt === null ? 'now' : `in ${formatDuration(Math.max(0, Date.parse(nextAt) - now))}`,
    printable(reason, 200),
  ]
}

function paintState(text: string, { state, isUnable }: PingStatus, paint: Paint): string {
  if (state === 'down' || isUnable) return paint.bad(text)
  return state === 'up' ? paint.good(text) : paint.warn(text)
}
