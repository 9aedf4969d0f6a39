// The options that say which events a command is about, and how they are read.

import { Option } from 'commander'
import { messageOf } from '../../base/printable.ts'
import { ORIGINS } from '../../model/event.ts'
import type { Origin } from '../../model/event.ts'
import { parseJsonCondition } from '../../model/json-condition.ts'
import type { EventConditions } from '../../model/queries.ts'
import { topicFilterProblem } from '../../topics/names.ts'
import { UserError } from './command.ts'
import type { CommandInput } from './command.ts'
import { momentOption, readSpan } from './options.ts'

export const eventOptions = () => [
  momentOption('--since <moment>', 'only from this moment on'),
  momentOption('--until <moment>', 'only up to this moment'),
  new Option('--origin <origin>', 'only of this origin').choices(ORIGINS),
  new Option('--client <id>', 'only what this client published'),
  new Option('--contains <text>', 'only with this text in the payload; upper and lower case differ'),
  new Option('--json-path <condition>', "only where JSON has this: '$.battery', '$.battery < 20'"),
]

/** The events that the first argument, a topic filter, and the options are about. */
export function eventConditions({ args, options, terminal }: CommandInput): EventConditions {
  const [filter] = args
  const problem = filter === undefined ? undefined : topicFilterProblem(filter)
  if (problem !== undefined) throw new UserError(problem)
  const { since, until } = readSpan(options, terminal.now())
  const jsonPath = options['jsonPath'] as string | undefined
  if (jsonPath !== undefined) refuseNoCondition(jsonPath)
  return {
    ...(filter !== undefined && { filter }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(options['origin'] !== undefined && { origin: options['origin'] as Origin }),
    ...(options['client'] !== undefined && { client: options['client'] as string }),
    ...(options['contains'] !== undefined && { contains: options['contains'] as string }),
    ...(jsonPath !== undefined && { jsonPath }),
  }
}

function refuseNoCondition(text: string): void {
  try {
    parseJsonCondition(text)
  } catch (error) {
    throw new UserError(`--json-path: ${messageOf(error)}`)
  }
}
