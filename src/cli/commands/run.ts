// `vigie run show|retry|rerun|cancel|discard ID`: one run whole (its event, its steps, the tails of their output); a
// dead one tried again or discarded, an ended one run again, an open one ended. With --name it runs a command as a task: see run-task.ts.

import { localTime } from '../../base/local-time.ts'
import { Option } from 'commander'
import { printable } from '../../base/printable.ts'
import { payloadText } from '../../model/event-json.ts'
import { askHub } from '../frame/ask-hub.ts'
import { type Command, type CommandInput, EXIT, UserError } from '../frame/command.ts'
import { configOption, dataOption, jsonOption } from '../frame/options.ts'
import { tokenOption } from '../frame/hub-address.ts'
import { paintFor } from '../show/paint.ts'
import type { Run, RunChange } from '../../model/run.ts'
import { ownUser } from '../../process/users.ts'
import { describeTruncation } from '../../model/result-words.ts'
import { runAsTask, TASK_HELP, taskOptions } from './run-task.ts'
import { stepSummary } from '../show/step-summary.ts'
import { withQuestions } from '../frame/questions.ts'

export const run: Command = {
  argument: ([verb]) => (verb === undefined ? ['show', 'retry', 'rerun', 'cancel', 'discard'] : 'run'),
  options: [
    ...taskOptions(),
    new Option('--from <step>', 'rerun: the step to begin from, such as 1 (by default 0, the first)'),
    new Option('--input <payload>', "rerun: what the rule is given in place of its message's payload"),
    jsonOption(),
    tokenOption(),
    dataOption(),
    configOption(),
  ],
  help: `${TASK_HELP}

"show" reads the data folder, whether or not a hub runs on it. "retry" (a dead run), "cancel" (an
open one), "discard" (a dead one that nobody is going to try again) and "rerun" ask the hub, which must run.
"rerun" runs an ended run once more, as a new run: from the first step or the one that --from names, with the
results of the steps before it, by the rule as it is now.
A number of a run is 3 or run:3; "vigie runs" lists them.`,
  async run(input) {
    if (input.options.name !== undefined) return runAsTask(input)
    const [verb, idText = '', ...rest] = input.args
    if (verb === undefined || rest.length > 0)
      throw new UserError(
        'Write "vigie run show 3" for a run of a rule, or "vigie run --name backup -- COMMAND" to run a command.',
      )
    const id = /^(?:run:|#)?\d{1,15}$/.test(idText) ? Number(idText.replace(/^\D+/, '')) : Number.NaN
    if (Number.isNaN(id))
      throw new UserError(`${JSON.stringify(idText)} is not the number of a run; "vigie runs" lists them.`)
    switch (verb) {
      case 'show':
        return showRun(id, input)
      case 'rerun':
        return rerun(id, input)
      case 'retry':
      case 'cancel':
      case 'discard':
        await askHub(input, 'POST', `/api/runs/${id}/${verb}`)
        input.terminal.out(`The hub ${DONE[verb]} run ${id}.\n`)
        return EXIT.ok
      default:
        throw new UserError(
          `"vigie run" knows "show", "retry", "rerun", "cancel" and "discard", not ${JSON.stringify(verb)}.`,
        )
    }
  },
}

const DONE: Readonly<Record<RunChange, string>> = {
  retry: 'retries',
  cancel: 'cancelled',
  discard: 'discarded',
}

async function rerun(id: number, input: CommandInput): Promise<number> {
  const { from, input: payload } = input.options as { readonly from?: string; readonly input?: string }
  const order = {
    by: `${ownUser()} (the command line)`,
    ...(from !== undefined && { from }),
    ...(payload !== undefined && { input: payload }),
  }
  const { run: made } = (await askHub(input, 'POST', `/api/runs/${id}/rerun`, order)) as {
    readonly run: number
  }
  input.terminal.out(
    `The hub runs it again, as run ${made}${from === undefined ? '' : ` from step ${from}`}: vigie run show ${made}\n`,
  )
  return EXIT.ok
}

async function showRun(id: number, input: CommandInput): Promise<number> {
  const { options, terminal } = input
  const found = await withQuestions(input, async (ask) => {
    const entry = await ask.run(id)
    return entry && { ...entry, event: await ask.event(entry.run.event) }
  })
  if (!found) throw new UserError(`There is no run #${id}; "vigie runs" lists those that are kept.`)
  if (options.json) {
    terminal.out(`${JSON.stringify({ ...found.run, steps: found.steps })}\n`)
    return EXIT.ok
  }
  const paint = paintFor(terminal)
  const { rule, state, reason, plannedAt } = found.run
  const why = reason === null ? '' : `: ${printable(reason)}`
  terminal.out(`run #${id} of ${paint.bold(rule)}: ${paint.state(state).trimEnd()}${why}\n`)
  terminal.out(`  planned ${localTime(plannedAt)}\n`)
  for (const line of rerunLines(found.run)) terminal.out(`  ${line}\n`)
  if (found.event) {
    const { topic, payload } = found.event
    const message = `${paint.bold(printable(topic))} ${printable(payloadText(payload))}`
    terminal.out(`  because of event #${found.event.id} ${message}\n`)
  }
  for (const step of found.steps) {
    terminal.out(`  ${stepSummary(step, paint)}\n`)
    const result = step.outcome?.result ?? {}
    for (const missing of describeTruncation(result)) terminal.out(`      ${paint.dim(`(${missing})`)}\n`)
    const { stdout, stderr } = result as { stdout?: string; stderr?: string }
    for (const [name, text] of Object.entries({ stdout, stderr })) {
      for (const line of text?.trimEnd().split('\n') ?? [])
        if (line) terminal.out(`      ${paint.dim(`${name} │`)} ${printable(line, 2_000)}\n`)
    }
  }
  return EXIT.ok
}

/** Whose rerun it is, and with which payload. */
function rerunLines({ details }: Run): readonly string[] {
  const { rerun: of, input } = details ?? {}
  if (of === undefined) return []
  const by = of.by === null ? '' : `, by ${printable(of.by, 200)}`
  return [
    `runs run #${of.run} again from step ${of.from}${by}`,
    ...(input === undefined ? [] : [`with the payload ${printable(input, 1_000)}`]),
  ]
}
