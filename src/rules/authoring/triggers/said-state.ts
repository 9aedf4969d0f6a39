// A trigger for topics on which devices say their state in a word: what `availability`, `homie` and their kin
// have in common.

import type { Event } from '../../../model/event.ts'
import type { AnyParams } from '../../context/context.ts'
import { jsonOrText, textOf } from '../../context/payload.ts'
import { isFollowing, presenceWatch } from './presence.ts'
import type { PresenceOptions } from './presence.ts'
import { TRIGGER } from './trigger.ts'
import type { Trigger } from './trigger.ts'

export interface StateWords {
  /** The trigger as messages show it. */
  readonly text: string
  readonly filter: string
  readonly params?: (captured: AnyParams) => AnyParams | undefined
  /** All words; another payload says nothing. */
  readonly known: readonly string[]
  /** The words of a device that is away. */
  readonly gone: readonly string[]
  /** The words that fire the rule. */
  readonly wanted: readonly string[]
}

export function stateTrigger<P extends object>(words: StateWords, options: PresenceOptions): Trigger<P> {
  const { text, filter, params, known, gone, wanted } = words
  const following = isFollowing(options)
  const isGone = (word: string): boolean => gone.includes(word)
  const wantsGone = wanted.some(isGone)
  const wantsHere = wanted.some((word) => !isGone(word))
  const side = wantsGone && wantsHere ? undefined : wantsGone ? 'gone' : 'here'
  return {
    [TRIGGER]: {
      text,
      filter: () => filter,
      ...(params && { params }),
      refuses: (event) => {
        const word = wordOf(event)
        // The device was removed: nobody waits for it any more.
        if (following && event.payload.length === 0) return undefined
        if (!known.includes(word)) return { stage: 'trigger', reason: 'the message tells no state' }
        if (following || wanted.includes(word)) return undefined
        return { stage: 'trigger', reason: `it is ${word}; the rule waits for ${wanted.join(' or ')}` }
      },
      ...(following && {
        presence: {
          watch: () => presenceWatch(options, side),
          says: (event) => (isGone(wordOf(event)) ? 'gone' : 'here'),
        },
      }),
    },
  }
}

/** The payload itself, or the `state` of a JSON object. */
function wordOf(event: Event): string {
  const said = jsonOrText(textOf(event.payload))
  const word = typeof said === 'object' && said !== null ? (said as { readonly state?: unknown }).state : said
  return typeof word === 'string' ? word : ''
}

/** The trigger as it is written, for messages. */
export const writtenAs = (name: string, ...given: readonly unknown[]): string =>
  `${name}(${given
    .filter((each) => each !== undefined && !isEmpty(each))
    .map((each) => JSON.stringify(each))
    .join(', ')})`

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0
