// `vigie history`: the events, newest last, so that what just happened stands above the prompt.

import { eventJson, payloadText } from '../../model/event-json.ts'
import type { Event } from '../../model/event.ts'
import { jsonText } from '../../model/json.ts'
import { localTime } from '../../base/local-time.ts'
import { printable } from '../../base/printable.ts'
import { topicFilterProblem } from '../../topics/names.ts'
import { type Command, EXIT, type Terminal, UserError } from '../frame/command.ts'
import {
  configOption,
  dataOption,
  jsonOption,
  limitOption,
  momentOption,
  readSpan,
} from '../frame/options.ts'
import { paintFor } from '../show/paint.ts'
import { withStore } from '../frame/store.ts'

export const history: Command = {
  options: [
    momentOption('--since <moment>', 'only from this moment on'),
    momentOption('--until <moment>', 'only up to this moment'),
    limitOption(),
    jsonOption(),
    dataOption(),
    configOption(),
  ],
  help: "Example: vigie history 'sensors/+/temperature' --since 2h",
  async run(input) {
    const { args, options, terminal } = input
    const [filter] = args
    const problem = filter === undefined ? undefined : topicFilterProblem(filter)
    if (problem !== undefined) throw new UserError(problem)
    const events = await withStore(input, (queries) =>
      queries.history({
        filter,
        ...readSpan(options, terminal.now()),
        limit: options.limit as number,
      }),
    )
    const write = options.json ? jsonLine : personLine(terminal)
    for (const event of events.toReversed()) terminal.out(`${write(event)}\n`)
    if (events.length === 0 && terminal.isTty) terminal.error('No event matches.\n')
    return EXIT.ok
  },
}

const jsonLine = (event: Event): string => jsonText(eventJson(event))

function personLine(terminal: Terminal): (event: Event) => string {
  const paint = paintFor(terminal)
  return (event) => {
    const marks = [event.origin === 'live' ? '' : event.origin, event.retain ? 'retain' : '']
      .filter(Boolean)
      .join(' ')
    const head = `${paint.dim(localTime(event.at))} ${paint.dim(`#${event.id}`)} ${paint.bold(printable(event.topic))}`
    return `${head} ${printable(payloadText(event.payload))}${marks ? paint.dim(` (${marks})`) : ''}`
  }
}
