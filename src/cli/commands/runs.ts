// `vigie runs`: what was done because of the events, newest last.

import { Option } from 'commander'
import { RUN_STATES, type Run, type RunState, type Step } from '../../model/run.ts'
import { type Command, EXIT } from '../frame/command.ts'
import { jsonOption, limitOption, momentOption, readMoment } from '../frame/options.ts'
import { whereOptions } from '../frame/hub-address.ts'
import { paintFor } from '../show/paint.ts'
import { runLines } from '../show/run-lines.ts'
import { withQuestions } from '../frame/questions.ts'

/** Runs that are asked for at one time. */
const PAGE = 500

type RunWithSteps = { readonly run: Run; readonly steps: readonly Step[] }

export const runs: Command = {
  options: [
    new Option('--rule <name>', 'only of this rule'),
    new Option('--state <state>', 'only in this state').choices(RUN_STATES),
    momentOption('--since <moment>', 'only from this moment on'),
    limitOption(),
    jsonOption(),
    ...whereOptions(),
  ],
  async run(input) {
    const { options, terminal } = input
    const found = await withQuestions(input, async (ask) => {
      const listed: RunWithSteps[] = []
      const most = options.limit as number
      const query = {
        rule: options.rule as string | undefined,
        state: options.state as RunState | undefined,
        since: readMoment(options.since, terminal.now()),
      }
      for (let before: number | undefined; listed.length < most;) {
        const list = await ask.runs({ ...query, before, limit: Math.min(PAGE, most - listed.length) })
        for (const run of list) listed.push((await ask.run(run.id)) ?? { run, steps: [] })
        before = list.at(-1)?.id
        if (list.length < PAGE) break
      }
      return listed
    })
    const paint = paintFor(terminal)
    for (const { run, steps } of found.toReversed()) {
      if (options.json) {
        terminal.out(`${JSON.stringify({ ...run, steps })}\n`)
        continue
      }
      for (const line of runLines(run, steps, paint)) terminal.out(`${line}\n`)
    }
    if (found.length === 0 && terminal.isTty) terminal.error('No run matches.\n')
    return EXIT.ok
  },
}
