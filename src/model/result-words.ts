// What an action gave, in a few words: whom a kill ended, what a server answered, which event was published.
// Names and titles in it are text from outside: whoever prints it makes it printable.

import { formatSize } from '../base/quantities.ts'
import type { ActionKind } from './action.ts'
import type { JsonObject } from './json.ts'
import type { ProcessEnding } from './process.ts'

/** `''` where there is nothing to say beside that it is done. */
export function describeResult(kind: ActionKind | null, result: JsonObject): string {
  switch (kind) {
    case 'shell':
      return named('exit code', result['exitCode'])
    case 'webhook':
      return named('status', result['status'])
    case 'publish':
      return named('event', result['event'])
    case 'alert':
      return result['wasOpen'] === false ? 'it was not open' : named('event', result['event'])
    case 'notify':
      return describeTelling(result)
    case 'kill':
    case 'renice':
      return describeEndings(result['processes'] as unknown as readonly Ended[] | undefined)
    case 'restart':
      return describeStart(result)
    case 'list':
      return typeof result['count'] === 'number' ? `${result['count']} found` : ''
    case 'reap':
      return describeReaping(result)
    case 'wait':
    case 'call':
    case 'parallel':
    case null:
      return ''
  }
  return kind satisfies never
}

/** What was told; titles are made of payloads. */
function describeTelling({ told, title, isUpdate }: JsonObject): string {
  if (told === null) return 'there was nothing to tell'
  return typeof title === 'string' ? `${title}${isUpdate === true ? ' (updated)' : ''}` : ''
}

/** What is missing of a result, output by output; empty when it is whole. */
export function describeTruncation({ truncated }: JsonObject): string[] {
  return Object.entries((truncated ?? {}) as Readonly<Record<string, number | null>>).map(([output, bytes]) =>
    bytes === null
      ? `only the end of a part of its ${output} is kept`
      : `only the end of its ${output} is kept: it had ${formatSize(bytes)}`,
  )
}

/** What became of one process; `reniced` is not an end. */
type Ended = Omit<ProcessEnding, 'how'> & { readonly how: ProcessEnding['how'] | 'reniced' }

const HOW: Readonly<Record<Ended['how'], string>> = {
  terminated: 'ended',
  killed: 'ended by SIGKILL',
  gone: 'had ended already',
  spared: 'left alone',
  survived: 'not ended',
  meant: 'is meant',
  reniced: 'reniced',
}
const MOST_NAMED = 10

function describeEndings(endings: readonly Ended[] = []): string {
  if (endings.length === 0) return 'no process matched'
  const said = endings
    .slice(0, MOST_NAMED)
    .map(({ pid, name, how, why }) => `${name} (${pid}) ${HOW[how]}${why === undefined ? '' : `: ${why}`}`)
  const more = endings.length - said.length
  return [...said, ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
}

function describeStart({ how, pid, processes }: JsonObject): string {
  const ended = (processes ?? []) as unknown as readonly Ended[]
  const before = ended.length === 0 ? '' : `${describeEndings(ended)}; `
  if (how === 'meant') return `${before}the command is meant`
  if (how === 'exited') return `${before}it exited with 0`
  return typeof pid === 'number'
    ? `${before}${how === 'found' ? 'it runs already, as' : 'started as'} ${pid}`
    : ''
}

function describeReaping({ how, parent }: JsonObject): string {
  const { pid, name } = (parent ?? {}) as { pid?: number; name?: string }
  const who = name === undefined ? 'its parent' : `${name} (${pid})`
  if (how === 'nudged') return `${who} cleared it away`
  if (how === 'parent-ended') return `${who} was ended`
  return how === 'gone' ? 'it was gone already' : ''
}

const named = (name: string, value: unknown): string => (typeof value === 'number' ? `${name} ${value}` : '')
