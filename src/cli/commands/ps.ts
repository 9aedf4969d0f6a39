// `vigie ps`: the processes that the watches of the hub look at, and the zombies of its machine.

import { printable } from '../../base/printable.ts'
import { formatDuration, formatSize } from '../../base/quantities.ts'
import type { WatchedProcess, WatchedProcesses, WatchView, Zombie } from '../../model/watch.ts'
import { askHub } from '../frame/ask-hub.ts'
import { type Command, EXIT } from '../frame/command.ts'
import { jsonOption } from '../frame/options.ts'
import { whereOptions } from '../frame/hub-address.ts'
import { aligned, fitted } from '../show/columns.ts'
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
    for (const line of linesOf(seen, paint)) terminal.out(`${fitted(line, terminal)}\n`)
    return EXIT.ok
  },
}

function linesOf({ watches, zombies }: WatchedProcesses, paint: Paint): string[] {
  if (watches.length === 0 && zombies.length === 0)
    return ['No rule file declares a watch, and there are no zombies.']
  return [
    ...watches.flatMap((watch) => [
      headOf(watch, paint),
      ...aligned(watch.processes.map(cellsOf), NUMBERS).map((cells, index) =>
        processLine(watch.processes[index]!, cells, paint),
      ),
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

function cellsOf(found: WatchedProcess): string[] {
  const { pid, user, cpuPercent, memoryBytes, ageMs, heldMs, isTold } = found
  return [
    String(pid),
    cpuPercent === null ? '-' : `${cpuPercent.toFixed(1)}%`,
    formatSize(memoryBytes),
    printable(user),
    formatDuration(ageMs),
    heldMs === null ? '' : `${isTold ? 'reported' : 'held'} ${formatDuration(heldMs)}`,
  ]
}

/** The columns of pid, CPU and memory. */
const NUMBERS = new Set([0, 1, 2])

function processLine(
  { isTold, state, commandLine }: WatchedProcess,
  cells: readonly string[],
  paint: Paint,
): string {
  const figures = `  ${cells.join(' ')}`
  const what = `${state === 'zombie' ? 'zombie ' : ''}${printable(commandLine, 200)}`
  return `${isTold ? paint.warn(figures) : figures} ${what}`
}

const moreOf = ({ count, processes }: WatchView): string[] =>
  count > processes.length ? [`  and ${count - processes.length} more`] : []

/** Where processes are that are not on the machine of the hub. */
const placeOf = (host: string | undefined): string => (host === undefined ? '' : ` on ${host}`)

function zombieLine({ pid, host, name, ageMs, parent }: Zombie): string {
  const of = parent === null ? 'nobody' : `${printable(parent.name)} (${parent.pid})`
  return `  ${pid} ${printable(name)}${placeOf(host)}, started ${formatDuration(ageMs)} ago, is not reaped by ${of}`
}
