// `vigie topics`: every topic that the journal knows, with its last value; as a list, or as a tree.

import { Option } from 'commander'
import { localTime } from '../../base/local-time.ts'
import { printable } from '../../base/printable.ts'
import { eventJson, payloadText } from '../../model/event-json.ts'
import { jsonText } from '../../model/json.ts'
import type { TopicStatus } from '../../model/queries.ts'
import { MOST_ROWS } from '../../model/questions.ts'
import { topicFilterProblem } from '../../topics/names.ts'
import { type Command, EXIT, type Terminal, UserError } from '../frame/command.ts'
import { whereOptions } from '../frame/hub-address.ts'
import { jsonOption } from '../frame/options.ts'
import { withQuestions } from '../frame/questions.ts'
import { fitted, roomBeside } from '../show/columns.ts'
import { type Paint, paintFor } from '../show/paint.ts'

/** Bytes of payloads that are in memory at one time. */
const PAGE_BYTES = 4 * 2 ** 20

export const topics: Command = {
  options: [
    new Option('--tree', 'one level of a topic a line, indented below the one before'),
    jsonOption(),
    ...whereOptions(),
  ],
  help: `Lists a topic as long as the history holds an event of it, or a message is retained there: its last value, when
that came, and how many events it had. Example: vigie topics 'zigbee2mqtt/+' --tree`,
  async run(input) {
    const { args, options, terminal } = input
    const [filter] = args
    const problem = filter === undefined ? undefined : topicFilterProblem(filter)
    if (problem !== undefined) throw new UserError(problem)
    const write = options['json'] ? jsonLine : options['tree'] ? treeLines(terminal) : personLine(terminal)
    const listed = await withQuestions(input, async (ask) => {
      let count = 0
      for (let after: string | undefined; ;) {
        const page = await ask.topics({ filter, after, limit: MOST_ROWS, bytes: PAGE_BYTES })
        for (const each of page.topics) terminal.out(`${write(each)}\n`)
        count += page.topics.length
        after = page.topics.at(-1)?.topic
        if (page.isAll || after === undefined) return count
      }
    })
    if (listed === 0 && terminal.isTty) terminal.error('No topic matches.\n')
    return EXIT.ok
  },
}

const jsonLine = ({ topic, events, last, retained }: TopicStatus): string =>
  jsonText({ topic, events, retained, last: last && eventJson(last) })

function personLine(terminal: Terminal): (summary: TopicStatus) => string {
  const paint = paintFor(terminal)
  return (summary) => {
    const { at = null } = summary.last ?? {}
    const time = at === null ? '-'.padEnd(localTime(0).length) : localTime(at)
    return lineOf(`${paint.dim(time)} ${paint.bold(printable(summary.topic))}`, summary, paint, terminal)
  }
}

/** Topics come in the order of their names, so each one shares the first levels with the one before. */
function treeLines(terminal: Terminal): (summary: TopicStatus) => string {
  const paint = paintFor(terminal)
  let shown: readonly string[] = []
  return (summary) => {
    const levels = summary.topic.split('/')
    const differs = levels.findIndex((level, depth) => level !== shown[depth])
    const from = differs === -1 ? levels.length - 1 : differs
    shown = levels
    return levels
      .slice(from)
      .map((level, index) => {
        const name = level === '' ? '(empty)' : printable(level)
        const indent = '  '.repeat(from + index)
        const isLast = from + index === levels.length - 1
        return isLast
          ? lineOf(`${indent}${paint.bold(name)}`, summary, paint, terminal)
          : fitted(`${indent}${name}`, terminal)
      })
      .join('\n')
  }
}

/** The value has the room that the topic and the facts about it leave. */
function lineOf(
  head: string,
  { events, last, retained }: TopicStatus,
  paint: Paint,
  terminal: Terminal,
): string {
  const count = `${events.toLocaleString('en')} event${events === 1 ? '' : 's'}`
  const facts = paint.dim(`(${count}${retained ? ', retained' : ''})`)
  const room = roomBeside(`${head}  ${facts}`, terminal)
  const value = last === null ? '' : `${printable(payloadText(last.payload), room)} `
  return fitted(`${head} ${value}${facts}`, terminal)
}
