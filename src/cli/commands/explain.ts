// `vigie explain`: what every rule would make of a message, and which stage decides it. Nothing runs.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Option } from 'commander'
import { printable } from '../../base/printable.ts'
import { inspectRules } from '../../engine/inspect/inspect.ts'
import { DATABASE_FILE } from '../../journal/database/open.ts'
import { ORIGINS } from '../../model/event.ts'
import type { Origin } from '../../model/event.ts'
import type { Explanation } from '../../rules/explain/explain.ts'
import { inventedEvent } from '../../rules/explain/rehearse.ts'
import { topicNameProblem } from '../../topics/names.ts'
import { type Command, EXIT, type Terminal, UserError } from '../frame/command.ts'
import { describeAction } from '../../model/action-words.ts'
import { describeVerdict } from '../../model/verdict-words.ts'
import { configOption, dataOption, jsonOption, rulesOption } from '../frame/options.ts'
import { paintFor } from '../show/paint.ts'
import { loadSettings } from '../frame/settings.ts'

export const explain: Command = {
  options: [
    new Option('--origin <origin>', 'the origin of the message').choices(ORIGINS).default('live'),
    new Option('--retained', 'short for --origin retained'),
    jsonOption(),
    rulesOption(),
    dataOption(),
    configOption(),
  ],
  help: `What rules remember, and what last('…') says, is read from the data folder if there is one.
Ordinary messages are "live"; --origin will asks about the last will of a client.
Example: vigie explain doors/front '{"open": true}'`,
  async run({ args, options, terminal }) {
    const [topic = '', payload = ''] = args
    const problem = topicNameProblem(topic)
    if (problem !== undefined) throw new UserError(problem)
    const { rules: rulesDir, root, place, data } = await loadSettings(options, terminal.cwd)
    const origin = options.retained === true ? 'retained' : (options.origin as Origin)
    const event = inventedEvent(topic, payload, origin, terminal.now())
    const dataDir = existsSync(join(data, DATABASE_FILE)) ? data : null
    const { failures, explanations } = await inspectRules(
      { rulesDir, root, place },
      async (report, inspector) => ({
        failures: report.failures,
        explanations: await inspector.explain(event, dataDir),
      }),
    )
    for (const failure of failures) terminal.error(`vigie: ${failure}\n`)
    if (options.json) for (const explanation of explanations) terminal.out(`${JSON.stringify(explanation)}\n`)
    else tell(explanations, terminal)
    return failures.length === 0 ? EXIT.ok : EXIT.failed
  },
}

/** Stands for an action that a function of earlier results makes. */
const LATER = 'a function of earlier results'

/**
 * Tells the rules that fire first, then those that say no, then those that only nearly wait for the topic.
 */
function tell(explanations: readonly Explanation[], terminal: Terminal): void {
  const matching = explanations.filter(({ verdict }) => verdict !== null)
  for (const each of matching.toSorted((a, b) => Number(a.fires === '') - Number(b.fires === '')))
    tellMatch(each, terminal)
  const near = explanations.filter(({ verdict, hint }) => verdict === null && hint !== null)
  const { dim, bold } = paintFor(terminal)
  for (const { rule, line, hint } of near)
    terminal.out(`${dim('·')} ${bold(rule)} ${dim(`(${line})`)} does not wait for this topic; ${hint}\n`)
  const rest = explanations.length - matching.length - near.length
  if (rest > 0)
    terminal.out(dim(`${rest} other ${rest === 1 ? 'rule does' : 'rules do'} not wait for this topic.\n`))
  if (explanations.length === 0) terminal.out('There are no rules.\n')
}

function tellMatch({ rule, line, verdict, fires, plan }: Explanation, terminal: Terminal): void {
  const { good, bad, bold, dim } = paintFor(terminal)
  const mark = fires === '' ? bad('✗') : good('✓')
  const why = printable(describeVerdict(verdict!), 1_000)
  const says = fires === '' ? why : `fires ${fires}${verdict!.stage === 'fired' ? '' : ` (${why})`}`
  const key = verdict!.key === '' ? '' : `, key ${printable(verdict!.key)}`
  terminal.out(`${mark} ${bold(rule)} ${dim(`(${line}${key})`)} ${says}\n`)
  if (plan?.ok === false) terminal.out(`    ${bad(plan.reason)}\n`)
  else
    for (const { path, spec } of plan?.steps ?? [])
      terminal.out(`    ${dim(path)} ${spec === null ? LATER : printable(describeAction(spec))}\n`)
}
