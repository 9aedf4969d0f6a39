// `vigie kill NAME`: asks the hub to end the processes of a command or of a watch, and tells how that went. It
// gives the command that any client gives, so it stands in the history, with who asked.

import { setTimeout } from 'node:timers/promises'
import { Option } from 'commander'
import { nearMiss } from '../../base/near-miss.ts'
import { printable } from '../../base/printable.ts'
import type { HubStatus } from '../../model/hub-status.ts'
import type { Run, Step } from '../../model/run.ts'
import type { Verdict } from '../../model/verdict.ts'
import { ownUser } from '../../process/users.ts'
import { askHub } from '../frame/ask-hub.ts'
import { whereOptions } from '../frame/hub-address.ts'
import { type Command, type CommandInput, EXIT, UserError } from '../frame/command.ts'
import { jsonOption } from '../frame/options.ts'
import { describeResult } from '../../model/result-words.ts'

export const kill: Command = {
  argument: () => 'command',
  options: [
    new Option('--dry-run', 'only tell which processes would be ended'),
    jsonOption(),
    ...whereOptions(),
  ],
  help: `NAME is a command or a watch of the rules: "vigie ps" lists the watches. A watch means the processes that it
finds at this moment. Exits with 1 when a process that was meant still runs.`,
  async run(input) {
    const { args, options, terminal } = input
    const name = args[0]!
    const rule = await ruleOf(name, input)
    const order = { ...(options.dryRun === true && { dryRun: true }), by: ownUser() }
    const { event } = (await askHub(
      input,
      'POST',
      `/api/commands/${encodeURIComponent(name)}/kill`,
      order,
    )) as {
      readonly event: number
    }
    const { state, steps } = await runOf(event, rule, input)
    const [step] = steps
    if (options.json) terminal.out(`${JSON.stringify({ event, state, ...step?.outcome?.result })}\n`)
    else terminal.out(`${said(step)}\n`)
    return state === 'done' ? EXIT.ok : EXIT.failed
  },
}

/** The rule that takes the command: its own, or that of the watches. */
async function ruleOf(name: string, input: CommandInput): Promise<string> {
  const { engine } = (await askHub(input, 'GET', '/api/status')) as HubStatus
  const { commands = [], watches = [] } = engine.now ?? {}
  if (commands.includes(name)) return name
  const names = watches.map((watch) => watch.name)
  if (names.includes(name)) return '@watches'
  const meant = nearMiss(name, [...commands, ...names])
  const hint = meant === undefined ? '"vigie ps" lists the watches.' : `Did you mean "${meant}"?`
  throw new UserError(`The rules have no command and no watch ${JSON.stringify(name)}. ${hint}`)
}

const LOOK_EVERY_MS = 100
/** A kill takes its grace period, and a minute at the most. */
const PATIENCE_MS = 90_000

/** Waits for the end of what the command has fired. */
async function runOf(
  event: number,
  rule: string,
  input: CommandInput,
): Promise<{ readonly state: Run['state']; readonly steps: readonly Step[] }> {
  const end = performance.now() + PATIENCE_MS
  while (performance.now() < end) {
    const { verdicts, runs } = (await askHub(input, 'GET', `/api/events/${event}`)) as {
      readonly verdicts: readonly Verdict[]
      readonly runs: readonly Run[]
    }
    const refused = verdicts.find((verdict) => verdict.rule === rule && verdict.stage !== 'fired')
    if (refused) throw new UserError(`The hub refused: ${refused.reason || refused.stage}.`)
    const run = runs.find((each) => each.rule === rule && each.endedAt !== null)
    if (run)
      return (await askHub(input, 'GET', `/api/runs/${run.id}`)) as Run & { readonly steps: readonly Step[] }
    await setTimeout(LOOK_EVERY_MS)
  }
  throw new UserError(`The hub has not finished in time; "vigie why ${event}" tells how far it is.`)
}

function said(step: Step | undefined): string {
  const outcome = step?.outcome
  if (step === undefined || !outcome) return 'Nothing was done.'
  if (outcome.kind !== 'done') return printable(outcome.reason, 2_000)
  return printable(describeResult('kill', outcome.result), 4_000)
}
