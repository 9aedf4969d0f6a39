// `vigie retained list|rm`: what is retained, and how to get rid of it. Clients may not clear what the hub says
// under its own root; this command may.

import { Option } from 'commander'
import { localTime } from '../../base/local-time.ts'
import { printable } from '../../base/printable.ts'
import { payloadText, retainedJson } from '../../model/event-json.ts'
import { jsonText } from '../../model/json.ts'
import type { RetainedCount } from '../../model/queries.ts'
import type { ClearedRetained, RetainedMessage } from '../../model/store.ts'
import { topicFilterProblem } from '../../topics/names.ts'
import { askHub } from '../frame/ask-hub.ts'
import { type Command, type CommandInput, EXIT, type Terminal, UserError } from '../frame/command.ts'
import { isSure } from '../frame/confirm.ts'
import { jsonOption } from '../frame/options.ts'
import { whereOptions } from '../frame/hub-address.ts'
import { paintFor } from '../show/paint.ts'
import { loadSettings } from '../frame/settings.ts'
import { withQuestions } from '../frame/questions.ts'

/** Messages that are in memory at one time, and the bytes of their payloads. */
const PAGE = 1_000
const PAGE_BYTES = 4 * 2 ** 20

export const retained: Command = {
  options: [new Option('-y, --yes', 'with rm: clear without asking'), jsonOption(), ...whereOptions()],
  help: `"list" reads the data folder, whether or not a hub runs on it; "rm" asks the hub, which must run. "rm" says how
many messages match, and clears them once that is confirmed. What is published meanwhile stays.
A filter that begins with # or + does not reach the hub's own topics; one that spells them out does:
vigie retained rm 'vigie/clients/#'`,
  async run(input) {
    const [verb = '', filter] = input.args
    if (verb !== 'list' && verb !== 'rm')
      throw new UserError(`"vigie retained" knows "list" and "rm", not ${JSON.stringify(verb)}.`)
    const problem = filter === undefined ? undefined : topicFilterProblem(filter)
    if (problem !== undefined) throw new UserError(problem)
    if (verb === 'list') return list(filter ?? '#', input)
    if (filter === undefined)
      throw new UserError("Name the topics: vigie retained rm 'sensors/old/#' ('#' for all of clients).")
    return remove(filter, input)
  },
}

async function list(filter: string, input: CommandInput): Promise<number> {
  const { options, terminal } = input
  const { root, wildcards } = await loadSettings(options, terminal.cwd)
  const hiddenRoot = wildcards.reachHubTopics ? null : root
  const write = options.json ? jsonLine : personLine(terminal)
  const count = await withQuestions(input, async (ask) => {
    let listed = 0
    for (let after: string | undefined; ;) {
      const page = await ask.retained({
        filter,
        hiddenRoot,
        ...(after && { after }),
        limit: PAGE,
        bytes: PAGE_BYTES,
      })
      for (const message of page) terminal.out(`${write(message)}\n`)
      listed += page.length
      after = page.at(-1)?.topic
      if (after === undefined) return listed
    }
  })
  if (count === 0 && terminal.isTty) terminal.error(`No retained message matches.${hint(filter)}\n`)
  return EXIT.ok
}

const jsonLine = (message: RetainedMessage): string => jsonText(retainedJson(message))

function personLine(terminal: Terminal): (message: RetainedMessage) => string {
  const paint = paintFor(terminal)
  return ({ topic, at, event, payload }) =>
    `${paint.dim(localTime(at))} ${paint.dim(`#${event}`)} ` +
    `${paint.bold(printable(topic))} ${printable(payloadText(payload))}`
}

async function remove(filter: string, input: CommandInput): Promise<number> {
  const { options, terminal } = input
  const found = (await askHub(input, 'GET', `/api/retained/count?${params({ filter })}`)) as RetainedCount
  const { count, upTo } = found
  if (count === 0) throw new UserError(`No retained message matches ${printable(filter)}.${hint(filter)}`)
  const what = `${counted(count)} on ${printable(filter)}`
  const unasked = `${what}: nothing was cleared. Add --yes to clear them.`
  if (!options.yes && !(await isSure(`Clear ${what}?`, unasked, terminal))) {
    terminal.error('Nothing was cleared.\n')
    return EXIT.failed
  }
  let sum = 0
  for (;;) {
    const path = `/api/retained/clear?${params({ filter, upTo: `${upTo}` })}`
    const { cleared, isAll } = (await askHub(input, 'POST', path)) as ClearedRetained
    sum += cleared
    if (isAll) break
  }
  terminal.out(`Cleared ${counted(sum)}.\n`)
  return EXIT.ok
}

const hint = (filter: string): string =>
  /^[+#]/.test(filter)
    ? ' A filter that begins with a wildcard does not reach the topics of the hub itself.'
    : ''

const counted = (count: number): string =>
  `${count.toLocaleString('en')} retained message${count === 1 ? '' : 's'}`

const params = (of: Readonly<Record<string, string>>): string => new URLSearchParams(of).toString()
