// `vigie ps`: the processes that the watches of the hub look at, and the zombies of its machine.

import { printable } from '../../base/printable.ts'
import { formatDuration, formatSize } from '../../base/quantities.ts'
import type { WatchedProcess, WatchedProcesses, WatchView, Zombie } from '../../model/watch.ts'
import { askHub } from '../frame/ask-hub.ts'
import { type Command, EXIT } from '../frame/command.ts'
import { jsonOption } from '../frame/options.ts'
import { whereOptions } from '../frame/hub-address.ts'
import { paintFor } from '../show/paint.ts'
import type { Paint } from '../show/paint.ts'

export const ps: Command = {
  options: [jsonOption(), ...whereOptions()],
  help: 'CPU is the share of one core over some seconds. "held" says for how long a process has met the conditions.',
  async run(input) {
    const { options, terminal } = input
    const seen = (await askHub(input, 'GET', '/api/processes')) as WatchedProcesses
    if (options.json) {
      terminal.out(`${JSON.stringify(seen)}\n`)
      return EXIT.ok
    }
    const paint = paintFor(terminal)
    for (const line of linesOf(seen, paint))
      terminal.out(`${line.slice(0, terminal.isTty ? terminal.columns : undefined)}\n`)
    return EXIT.ok
  },
}

function linesOf({ watches, zombies }: WatchedProcesses, paint: Paint): string[] {
  if (watches.length === 0 && zombies.length === 0)
    return ['No rule file declares a watch, and there are no zombies.']
  return [
    ...watches.flatMap((watch) => [
      headOf(watch, paint),
      ...watch.processes.map((each) => processLine(each, paint)),
      ...moreOf(watch),
    ]),
    ...(zombies.length === 0 ? [] : [paint.bold('zombies'), ...zombies.map(zombieLine)]),
  ]
}

function headOf({ name, host, problem, count, attempt, hasGivenUp }: WatchView, paint: Paint): string {
  const tried = attempt ? `, reported ${attempt} times` : ''
  const said =
    problem !== ''
      ? paint.bad(
          host === undefined
            ? `the processes of this machine cannot be read: ${printable(problem)}`
            : printable(problem),
        )
      : hasGivenUp
        ? paint.bad('too few run; it has given up')
        : `${count === 1 ? '1 process' : `${count} processes`}${tried}`
  return `${paint.bold(name)}${placeOf(host)}: ${said}`
}

function processLine(
  { pid, user, cpuPercent, memoryBytes, ageMs, heldMs, isTold, state, commandLine }: WatchedProcess,
  paint: Paint,
): string {
  const cpu = cpuPercent === null ? '-' : `${cpuPercent.toFixed(1)}%`
  const held = heldMs === null ? '' : `${isTold ? 'reported' : 'held'} ${formatDuration(heldMs)}`
  const cells = [
    String(pid).padStart(9),
    cpu.padStart(7),
    formatSize(memoryBytes).padStart(9),
    printable(user).padEnd(10),
    formatDuration(ageMs).padEnd(12),
    held.padEnd(16),
  ].join(' ')
  const what = `${state === 'zombie' ? 'zombie ' : ''}${printable(commandLine, 200)}`
  return `${isTold ? paint.warn(cells) : cells} ${what}`
}

const moreOf = ({ count, processes }: WatchView): string[] =>
  count > processes.length ? [`          and ${count - processes.length} more`] : []

/** Where processes are that are not on the machine of the hub. */
const placeOf = (host: string | undefined): string => (host === undefined ? '' : ` on ${host}`)

function zombieLine({ pid, host, name, ageMs, parent }: Zombie): string {
  const of = parent === null ? 'nobody' : `${printable(parent.name)} (${parent.pid})`
  return `${String(pid).padStart(9)} ${printable(name)}${placeOf(host)}, started ${formatDuration(ageMs)} ago, is not reaped by ${of}`
}
