// `silence('sensors/+id/#', '10m')`: a topic that spoke before has not spoken for that long; each params
// has its own watch. What counts as speech are the messages that pass the rule's conditions; the last one
// of them is the event.
//
// What is expected is watched from the moment at which the rule is loaded, though it has never spoken: the
// engine publishes once `<root>/expected/<rule>/<topic>`, which sets the timer as speech does.

import { nearMiss } from '../../../base/near-miss.ts'
import type { Duration } from '../../../base/quantities.ts'
import type { CheckTopic, Params } from '../../../topics/capture-types.ts'
import { parseNamedFilter } from '../../../topics/filters.ts'
import type { NamedFilter } from '../../../topics/filters.ts'
import { topicMatches } from '../../../topics/matches.ts'
import { topicNameProblem } from '../../../topics/names.ts'
import type { AnyParams } from '../../context/context.ts'
import { TRIGGER } from './trigger.ts'
import type { Trigger } from './trigger.ts'

export interface SilenceOptions<P extends object> {
  /**
   * Topics or params that are expected to speak. They are watched from the moment at which the rule is
   * loaded, even if they have never spoken. In `do`, `topic` and `params` are those of the expected topic,
   * and `payload` is undefined.
   */
  readonly expect?: readonly (string | P)[]
  /**
   * `'start'`: the topic itself is expected from the moment at which the rule is loaded; for a filter without
   * wildcards.
   */
  readonly from?: 'start'
}

/**
 * Fires when a topic has not spoken for this long, with the last message that met the rule's conditions. Each
 * params has its own timer. Without options, a topic is watched from its first message on.
 */
export function silence<const T extends string>(
  filter: CheckTopic<T>,
  length: Duration,
  options: SilenceOptions<Params<NoInfer<T>>> = {},
): Trigger<Params<T>> {
  return {
    [TRIGGER]: {
      text: `silence(${JSON.stringify(filter)}, ${JSON.stringify(length)})`,
      filter: () => filter,
      silence: length,
      expected: () => expectedTopics(parseNamedFilter(filter), options),
    },
  }
}

function expectedTopics(
  filter: NamedFilter,
  { expect = [], from }: SilenceOptions<object>,
): readonly string[] {
  if (from !== undefined && (from as unknown) !== 'start')
    throw new TypeError(`from: expected 'start', got ${JSON.stringify(from)}`)
  if (!Array.isArray(expect))
    throw new TypeError("expect: expected a list of topics or params such as ['devices/a', { id: 'b' }]")
  const isOne = !/[+#]/.test(filter.filter)
  if (from === 'start' && !isOne)
    throw new TypeError(
      `from: 'start' needs a topic without wildcards; say who is expected instead, as in expect: ['devices/a']`,
    )
  const topics = (expect as readonly (string | AnyParams)[]).map((each) =>
    typeof each === 'string' ? each : topicOf(filter, each),
  )
  const all = from === 'start' ? [filter.filter, ...topics] : topics
  for (const topic of all) {
    const problem = topicNameProblem(topic)
    if (problem !== undefined) throw new TypeError(`expect: ${problem}`)
    if (!topicMatches(filter.filter, topic))
      throw new TypeError(
        `expect: ${JSON.stringify(topic)} is not on the filter ${JSON.stringify(filter.text)}`,
      )
  }
  return [...new Set(all)]
}

/** The topic on a filter that has these params. */
function topicOf({ text, filter, captures }: NamedFilter, params: AnyParams): string {
  const names = captures.map(({ name }) => name)
  for (const name of Object.keys(params))
    if (!names.includes(name)) {
      const meant = nearMiss(name, names)
      const hint = meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`
      throw new TypeError(
        `expect: ${JSON.stringify(text)} has no wildcard named ${JSON.stringify(name)}${hint}`,
      )
    }
  const levels = filter.split('/').map((level, index) => {
    if (level !== '+' && level !== '#') return level
    const name = captures.find((capture) => capture.level === index)?.name
    const value = name === undefined ? undefined : params[name]
    if (value === undefined && level === '+') {
      const wildcard = name === undefined ? 'the "+" without a name' : `"+${name}"`
      throw new TypeError(
        `expect: ${JSON.stringify(params)} does not say what stands for ${wildcard} in ` +
          `${JSON.stringify(text)}; give the topic instead`,
      )
    }
    return value === undefined || value === '' ? null : value
  })
  return levels.filter((level) => level !== null).join('/')
}
