// `vigie history`: the events, newest last, so that what just happened stands above the prompt. With --follow it
// goes on with those that come.

import { setTimeout } from 'node:timers/promises'
import { Option } from 'commander'
import type { Event } from '../../model/event.ts'
import type { EventConditions } from '../../model/queries.ts'
import { MOST_ROWS } from '../../model/questions.ts'
import type { Questions } from '../../model/questions.ts'
import { type Command, EXIT } from '../frame/command.ts'
import { eventConditions, eventOptions } from '../frame/event-filter.ts'
import { whereOptions } from '../frame/hub-address.ts'
import { jsonOption, limitOption } from '../frame/options.ts'
import { withQuestions } from '../frame/questions.ts'
import { CSV_HEADER, csvLine, jsonLine, personLine } from '../show/event-lines.ts'

/** How often --follow looks for new events. */
const LOOK_EVERY_MS = 300

export const history: Command = {
  options: [
    ...eventOptions(),
    limitOption(),
    new Option('-f, --follow', 'go on with the events that come, until Ctrl-C'),
    jsonOption(),
    new Option('--csv', 'CSV with a line of names').conflicts('json'),
    ...whereOptions(),
  ],
  help: `Looks at what the history keeps; "vigie tail" shows all that passes. Examples:
  vigie history 'sensors/+/temperature' --since 2h
  vigie history --contains 'out of paper' -n 5
  vigie history 'zigbee2mqtt/#' --json-path '$.battery < 20' --follow`,
  async run(input) {
    const { options, terminal } = input
    const conditions = eventConditions(input)
    const write = options['json'] ? jsonLine : options['csv'] ? csvLine : personLine(terminal)
    const show = (events: readonly Event[]): void => {
      for (const event of events) terminal.out(`${write(event)}\n`)
    }
    if (options['csv']) terminal.out(`${CSV_HEADER}\n`)
    await withQuestions(input, async (ask) => {
      const { events, lastId } = await newest(ask, conditions, options['limit'] as number)
      show(events)
      if (options['follow']) await follow(ask, conditions, lastId, terminal.interrupted(), show)
      else if (events.length === 0 && terminal.isTty) terminal.error('No event matches.\n')
    })
    return EXIT.ok
  },
}

/** The newest events that match, oldest first, and the newest event of all at that moment. */
async function newest(
  ask: Questions,
  conditions: EventConditions,
  most: number,
): Promise<{ readonly events: Event[]; readonly lastId: number }> {
  const { reached: lastId } = await ask.historyPage({ limit: 1 })
  const events: Event[] = []
  for (let before = lastId + 1; events.length < most;) {
    const limit = Math.min(MOST_ROWS, most - events.length)
    const page = await ask.historyPage({ ...conditions, before, limit })
    events.push(...page.events)
    if (page.isAll) break
    before = page.reached
  }
  return { events: events.toReversed(), lastId }
}

async function follow(
  ask: Questions,
  conditions: EventConditions,
  lastId: number,
  interrupted: AbortSignal,
  show: (events: readonly Event[]) => void,
): Promise<void> {
  for (let after = lastId; !interrupted.aborted;) {
    const page = await ask.historyPage({ ...conditions, after, limit: MOST_ROWS })
    show(page.events)
    after = page.reached
    if (page.isAll) await setTimeout(LOOK_EVERY_MS, undefined, { signal: interrupted }).catch(() => {})
  }
}
