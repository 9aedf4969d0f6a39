// `vigie bridges`: how each bridge of the running hub is, those that need somebody first.

import { localSecond } from '../../base/local-time.ts'
import { printable } from '../../base/printable.ts'
import type { BridgeState, BridgeStatus } from '../../model/bridge.ts'
import type { HubStatus } from '../../model/hub-status.ts'
import { askHub } from '../frame/ask-hub.ts'
import { type Command, EXIT, type Terminal } from '../frame/command.ts'
import { whereOptions } from '../frame/hub-address.ts'
import { jsonOption } from '../frame/options.ts'
import { aligned } from '../show/columns.ts'
import { paintFor } from '../show/paint.ts'
import type { Paint } from '../show/paint.ts'

export const bridges: Command = {
  options: [jsonOption(), ...whereOptions()],
  help: `"behind" counts events after the last one that the other side has acknowledged. Exits with 1 when a bridge
is not connected, unless it is idle on demand.`,
  async run(input) {
    const { options, terminal } = input
    const { bridges: all } = (await askHub(input, 'GET', '/api/status')) as HubStatus
    const listed = all.toSorted((a, b) => rankOf(a) - rankOf(b))
    if (options['json']) for (const bridge of listed) terminal.out(`${JSON.stringify(bridge)}\n`)
    else if (listed.length === 0) terminal.out('The configuration names no bridge.\n')
    else tell(listed, terminal)
    return listed.every(isWell) ? EXIT.ok : EXIT.failed
  },
}

export const isWell = ({ state, reason }: BridgeStatus): boolean =>
  (state === 'connected' && reason === null) || state === 'idle'

const ORDER: readonly BridgeState[] = ['stopped', 'waiting', 'connecting', 'connected', 'idle']
const rankOf = ({ state }: BridgeStatus): number => ORDER.indexOf(state)

const HEADINGS = ['bridge', 'state', 'since', 'protocol', 'sent', 'received', 'behind', 'address']

function tell(listed: readonly BridgeStatus[], terminal: Terminal): void {
  const paint = paintFor(terminal)
  const [headings = [], ...rows] = aligned([HEADINGS, ...listed.map(cellsOf)])
  terminal.out(`${paint.dim(headings.join('  ').trimEnd())}\n`)
  for (const [index, bridge] of listed.entries()) {
    const [name = '', state = '', ...rest] = rows[index]!
    const painted = isWell(bridge) ? paint.good(state) : paint.bad(state)
    terminal.out(`${[paint.bold(name), painted, ...rest].join('  ').trimEnd()}\n`)
    for (const sentence of troublesOf(bridge)) terminal.out(`  ${paint.warn(sentence)}\n`)
  }
}

const cellsOf = ({
  name,
  state,
  since,
  version,
  sent,
  received,
  behind,
  address,
}: BridgeStatus): string[] => [
  printable(name),
  state,
  localSecond(since),
  version === null ? '-' : `${version === '0-9-1' ? 'AMQP' : 'MQTT'} ${version}`,
  String(sent),
  String(received),
  String(behind),
  printable(address),
]

function troublesOf({ reason, lost, dropped }: BridgeStatus): string[] {
  const counts = Object.entries(dropped).filter(([, count]) => count > 0)
  return [
    ...(reason === null ? [] : [printable(reason, 500)]),
    ...(lost === 0 ? [] : [`lost: ${lost} that history forgot before the other side had acknowledged them`]),
    ...(counts.length === 0
      ? []
      : [`not passed on: ${counts.map(([why, count]) => `${count} ${why}`).join(', ')}`]),
  ]
}

/** The lines of `vigie status` about bridges. */
export function bridgeLines(all: readonly BridgeStatus[], paint: Paint): string[] {
  if (all.length === 0) return []
  const up = all.filter(isWell)
  return [
    `${up.length} of ${all.length} up`,
    ...all
      .filter((bridge) => !isWell(bridge))
      .map(({ name, state, since, reason }) =>
        paint.bad(
          `"${printable(name)}" is ${state} since ${localSecond(since)}` +
            (reason === null ? '' : `: ${printable(reason, 300)}`),
        ),
      ),
    ...all
      .filter(({ lost }) => lost > 0)
      .map(({ name, lost }) => paint.warn(`"${printable(name)}" has lost ${lost}`)),
  ]
}
