// `vigie backtest`: what rules would have done with the events of the past, and how that differs from what
// was done.

import { realpathSync, statSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import { Option } from 'commander'
import { localTime } from '../../base/local-time.ts'
import type { Config } from '../../config/config.ts'
import { messageOf, printable } from '../../base/printable.ts'
import { systemReason } from '../../base/system-reason.ts'
import { inspectRules } from '../../engine/inspect/inspect.ts'
import { displayName } from '../../engine/load/rule-folder.ts'
import type { BacktestQuery, BacktestReport } from '../../engine/virtual/backtest.ts'
import { payloadText } from '../../model/event-json.ts'
import type { Queries } from '../../model/queries.ts'
import { differences, firingsOf } from '../../engine/virtual/backtest-difference.ts'
import type { Firings, RuleDifference } from '../../engine/virtual/backtest-difference.ts'
import { type Command, type CommandInput, EXIT, type Terminal, UserError } from '../frame/command.ts'
import {
  configOption,
  dataOption,
  jsonOption,
  limitOption,
  momentOption,
  readSpan,
} from '../frame/options.ts'
import { paintFor } from '../show/paint.ts'
import { progressOn } from '../show/progress.ts'
import { loadSettings } from '../frame/settings.ts'
import { withStore } from '../frame/store.ts'

export const backtest: Command = {
  options: [
    momentOption('--since <moment>', 'from this moment on').default('7d'),
    momentOption('--until <moment>', 'only up to this moment'),
    new Option(
      '--against <path>',
      'compare with these rules (a folder, or a file in it) instead of with what was done',
    ),
    limitOption(),
    jsonOption(),
    dataOption(),
    configOption(),
  ],
  help: `Nothing runs: every action counts as done at once. Rules begin without memory. They are given the recorded
messages, and nothing that they would publish themselves. Example: vigie backtest rules/door.ts --since 30d`,
  async run(input) {
    const { options, terminal } = input
    const { rules, root, place, data } = await loadSettings(options, terminal.cwd)
    const { rulesDir, files } = filesIn(input.args as string[], terminal.cwd, rules)
    const against = options.against as string | undefined
    const other = against === undefined ? undefined : filesIn([against], terminal.cwd, rules)
    const now = terminal.now()
    const { since, until = now } = readSpan(options, now)
    const span = { since: since!, until }
    // Says so when there is no history to look at.
    await withStore(input, () => {})

    const report = await replay(rulesDir, { root, place }, data, { ...span, files }, terminal)
    const before =
      other === undefined
        ? await withStore(input, (queries) => whatWasDone(queries, report, span))
        : firingsOf(
            await replay(
              other.rulesDir,
              { root, place },
              data,
              { ...span, files: other.files, names: report.rules },
              terminal,
            ),
          )
    const found = differences(report.rules, firingsOf(report), before)
    if (options.json) terminal.out(`${JSON.stringify({ ...span, events: report.events, rules: found })}\n`)
    else await tell(report, found, against, input)
    return EXIT.ok
  },
}

/** Files of one folder; a folder stands for all of its files. */
function filesIn(
  paths: readonly string[],
  cwd: string,
  configured: string,
): { readonly rulesDir: string; readonly files?: readonly string[] } {
  const found = paths.map((path) => existing(resolve(cwd, path)))
  const [first = ''] = found
  if (found.length === 1 && statSync(first).isDirectory()) return { rulesDir: first }
  const home = [configured].filter((dir) => statSync(dir, { throwIfNoEntry: false })?.isDirectory())
  const rulesDir = home.map((dir) => realpathSync(dir)).find((dir) => isBelow(first, dir)) ?? dirname(first)
  const stranger = found.find((file) => !isBelow(file, rulesDir))
  if (stranger !== undefined)
    throw new UserError(
      `${stranger} is not in ${rulesDir}, the folder of the first file. Test the files of one folder at a time.`,
    )
  return {
    rulesDir,
    files: found.map((file) => displayName(rulesDir, relative(rulesDir, file).replaceAll(sep, '/'))),
  }
}

const isBelow = (file: string, dir: string): boolean => file.startsWith(dir + sep)

function existing(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    const why = systemReason(error) ?? messageOf(error)
    throw new UserError(`${path} cannot be read: ${why}. Name files of rules, or a folder of them.`)
  }
}

async function replay(
  rulesDir: string,
  hub: Pick<Config, 'root' | 'place'>,
  data: string,
  query: BacktestQuery,
  terminal: Terminal,
): Promise<BacktestReport> {
  const progress = progressOn(terminal, 'events')
  try {
    return await inspectRules({ rulesDir, ...hub, progress: progress.show }, (loaded, inspector) => {
      const mine = loaded.failures.filter(
        (failure) => query.files?.some((file) => failure.startsWith(`${file}:`)) ?? true,
      )
      if (mine.length > 0) throw new UserError(mine.join('\n'))
      return inspector.backtest(query, data)
    })
  } finally {
    progress.end()
  }
}

function whatWasDone(
  queries: Queries,
  { rules, firstEvent }: BacktestReport,
  { since, until }: { readonly since: number; readonly until: number },
): Firings {
  const eventsOf = (rule: string): number[] =>
    queries
      .runs({ rule, since, limit: Number.MAX_SAFE_INTEGER })
      .filter(({ event, plannedAt }) => event >= firstEvent && plannedAt <= until)
      .map(({ event }) => event)
  return new Map(rules.map((rule) => [rule, eventsOf(rule)]))
}

async function tell(
  report: BacktestReport,
  found: readonly RuleDifference[],
  against: string | undefined,
  input: CommandInput,
): Promise<void> {
  const { terminal, options } = input
  const { bold, dim, bad } = paintFor(terminal)
  const { events, errors } = report
  const rules = `${found.length} ${found.length === 1 ? 'rule' : 'rules'}`
  terminal.out(`${events.toLocaleString('en')} recorded events, ${rules}.\n`)
  for (const { rule, would, did, more, fewer } of found) {
    const other = against === undefined ? `it ran ${times(did)}` : `with ${against} ${times(did)}`
    const change =
      more.length + fewer.length === 0 ? 'no difference' : `${more.length} more, ${fewer.length} fewer`
    terminal.out(`${bold(rule)}: would have run ${times(would)}; ${other}: ${change}\n`)
    const stages = Object.entries(report.stages[rule] ?? {}).filter(([stage]) => stage !== 'fired')
    if (stages.length > 0)
      terminal.out(dim(`  stopped by ${stages.map(([stage, count]) => `${stage} ${count}`).join(', ')}\n`))
    for (const { rule: wrong, event, reason } of errors)
      if (wrong === rule) terminal.out(`  ${bad(`event #${event}: ${printable(reason, 1_000)}`)}\n`)
    await tellEvents('+', more, options.limit as number, input)
    await tellEvents('-', fewer, options.limit as number, input)
  }
}

async function tellEvents(
  mark: '+' | '-',
  ids: readonly number[],
  limit: number,
  input: CommandInput,
): Promise<void> {
  if (ids.length === 0) return
  const { terminal } = input
  const { good, bad, dim } = paintFor(terminal)
  const shown = await withStore(input, (queries) => ids.slice(-limit).map((id) => queries.event(id) ?? id))
  if (ids.length > limit) terminal.out(dim(`  ${mark} … ${ids.length - limit} earlier ones\n`))
  const sign = mark === '+' ? good(mark) : bad(mark)
  for (const event of shown)
    if (typeof event === 'number') terminal.out(`  ${mark} #${event} ${dim('(no longer kept)')}\n`)
    else {
      const message = `${printable(event.topic)} ${printable(payloadText(event.payload), 100)}`
      terminal.out(`  ${sign} ${dim(`#${event.id} ${localTime(event.at)}`)} ${message}\n`)
    }
}

const times = (count: number): string => (count === 1 ? 'once' : `${count.toLocaleString('en')} times`)
