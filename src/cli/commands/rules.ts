// `vigie rules`: which rules are in force, when they last fired, and which are paused; `pause` and `resume` give
// the running hub a command, as any client may.

import { Option } from 'commander'
import { localSecond } from '../../base/local-time.ts'
import { parseEnd } from '../../base/moment.ts'
import { messageOf, printable } from '../../base/printable.ts'
import { parseDuration } from '../../base/quantities.ts'
import { nearMiss } from '../../base/near-miss.ts'
import { RULE_CHANGES } from '../../model/rule-pause.ts'
import type { RuleChange, RulePauseReport } from '../../model/rule-pause.ts'
import type { RuleFigures, RuleView } from '../../model/rule-view.ts'
import { ownUser } from '../../process/users.ts'
import { askHub } from '../frame/ask-hub.ts'
import { type Command, type CommandInput, EXIT, type Terminal, UserError } from '../frame/command.ts'
import { whereOptions } from '../frame/hub-address.ts'
import { jsonOption } from '../frame/options.ts'
import { aligned, fitted } from '../show/columns.ts'
import { paintFor } from '../show/paint.ts'

const VERBS = ['list', ...RULE_CHANGES] as const

interface ListedRule extends RuleView, Pick<RuleFigures, 'verdicts' | 'lastRun'> {
  readonly pause: RulePauseReport | null
}

interface Listed {
  readonly rules: readonly ListedRule[]
  readonly failures: readonly string[]
  readonly quarantined: readonly string[]
}

export const rules: Command = {
  argument: ([verb]) => (verb === undefined ? [...VERBS] : verb === 'list' ? undefined : 'rule'),
  options: [
    new Option('--reason <text>', 'pause: why, for whoever wonders why the rule does not fire'),
    new Option('--for <length>', 'pause: how long, such as 2h'),
    new Option('--until <moment>', 'pause: its end, such as 08:00 or 2026-11-22T14:00'),
    jsonOption(),
    ...whereOptions(),
  ],
  help: `A rule that is paused is asked about no event and begins no run; runs that it has begun go on. Without --for
and --until it is paused until somebody resumes it. Its timers and schedules take the pause as a downtime of the
hub: "onGap" and "catchUp" say what becomes of them.`,
  async run(input) {
    const [verb = 'list', name] = input.args
    const known = VERBS.find((each) => each === verb)
    if (known === undefined) throw new UserError(unknownVerb(verb))
    if (known === 'list') return listRules(input)
    if (name === undefined || name === '')
      throw new UserError(`Name the rule: vigie rules ${known} NAME ("vigie rules" lists them)`)
    return changeRule(known, name, input)
  },
}

function unknownVerb(verb: string): string {
  const meant = nearMiss(verb, VERBS)
  const hint = meant === undefined ? `There are: ${VERBS.join(', ')}.` : `Did you mean "${meant}"?`
  return `"vigie rules" does not know ${JSON.stringify(verb)}. ${hint}`
}

async function changeRule(change: RuleChange, name: string, input: CommandInput): Promise<number> {
  const { options, terminal } = input
  const order = {
    by: `${ownUser()} (the command line)`,
    ...(change === 'pause' && { ...reasonIn(options), ...endIn(options, terminal.now()) }),
  }
  const path = `/api/rules/${encodeURIComponent(name)}/${change}`
  const { pause } = (await askHub(input, 'POST', path, order)) as { readonly pause: RulePauseReport }
  terminal.out(`${options['json'] === true ? JSON.stringify(pause) : sentenceOf(pause)}\n`)
  return EXIT.ok
}

function reasonIn({ reason }: CommandInput['options']): { readonly reason: string } {
  if (typeof reason === 'string' && reason.trim() !== '') return { reason }
  throw new UserError('Say why: vigie rules pause NAME --reason "the valve is being replaced"')
}

/** The person's zone says what `08:00` means, so the hub is told the moment. */
function endIn(
  { for: length, until }: CommandInput['options'],
  now: number,
): { readonly for?: string; readonly until?: string } {
  if (length !== undefined && until !== undefined) throw new UserError('Give --for or --until, not both.')
  try {
    if (typeof length === 'string') {
      parseDuration(length)
      return { for: length }
    }
    return typeof until === 'string' ? { until: new Date(parseEnd(until, now)).toISOString() } : {}
  } catch (error) {
    throw new UserError(`${length === undefined ? '--until' : '--for'}: ${messageOf(error)}`)
  }
}

function sentenceOf({ rule, state, until }: RulePauseReport): string {
  const name = `The rule ${JSON.stringify(printable(rule))}`
  if (state === 'resumed') return `${name} is resumed.`
  return until === null
    ? `${name} is paused until somebody resumes it: vigie rules resume ${printable(rule)}`
    : `${name} is paused until ${localSecond(Date.parse(until))}.`
}

async function listRules(input: CommandInput): Promise<number> {
  const { options, terminal } = input
  const listed = (await askHub(input, 'GET', '/api/rules')) as Listed
  if (options['json'] === true) for (const rule of listed.rules) terminal.out(`${JSON.stringify(rule)}\n`)
  else tell(listed, terminal)
  return EXIT.ok
}

const HEADINGS = ['rule', 'state', 'last day', 'last run', 'declared']

function tell({ rules: all, failures, quarantined }: Listed, terminal: Terminal): void {
  const paint = paintFor(terminal)
  const stateOf = ({ name, enabled, dryRun, pause }: ListedRule): string => {
    if (quarantined.includes(name)) return 'quarantined'
    if (!enabled) return 'switched off'
    if (pause?.state === 'paused') return 'paused'
    return dryRun ? 'dry run' : 'in force'
  }
  const cellsOf = (rule: ListedRule): string[] => {
    const { fired = 0, ...others } = rule.verdicts
    const refused = Object.values(others).reduce((sum, count) => sum + count, 0)
    const last = rule.lastRun === null ? 'none' : localSecond(rule.lastRun.at)
    return [rule.name, stateOf(rule), `fired ${fired}, said no ${refused}`, last, rule.line]
  }
  const [headings = [], ...rows] = aligned([HEADINGS, ...all.map(cellsOf)])
  if (all.length === 0) terminal.out('No rule is in force.\n')
  else terminal.out(`${paint.dim(fitted(headings.join('  ').trimEnd(), terminal))}\n`)
  for (const [index, rule] of all.entries()) {
    const [name = '', state = '', ...rest] = rows[index]!
    const painted = stateOf(rule) === 'in force' ? state : paint.warn(state)
    terminal.out(`${fitted([paint.bold(name), painted, ...rest].join('  ').trimEnd(), terminal)}\n`)
    if (rule.pause?.state === 'paused') terminal.out(`  ${paint.warn(pauseSentence(rule.pause))}\n`)
  }
  for (const failure of failures) terminal.out(`${paint.bad(failure)}\n`)
}

/** `paused since … by anna: "…", until …` */
export function pauseSentence({ reason, by, since, until }: RulePauseReport): string {
  const end = until === null ? '' : `, until ${localSecond(Date.parse(until))}`
  return `paused since ${localSecond(Date.parse(since))} by ${printable(by, 200)}: ${printable(reason)}${end}`
}
