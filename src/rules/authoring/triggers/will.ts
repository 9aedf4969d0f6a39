// `will('devices/+id/status')` fires when the broker publishes a client's last will on a matching topic.

import type { CheckTopic, Params } from '../../../topics/capture-types.ts'
import { TRIGGER } from './trigger.ts'
import type { Trigger } from './trigger.ts'

/** Fires for a last will on a matching topic, never for an ordinary publish. */
export function will<const T extends string>(filter: CheckTopic<T>): Trigger<Params<T>> {
  return {
    [TRIGGER]: {
      text: `will(${JSON.stringify(filter)})`,
      filter: () => filter,
      origin: 'will',
      refuses: ({ origin }) =>
        origin === 'will'
          ? undefined
          : { stage: 'origin', reason: `the message is ${origin}; the rule waits for a last will` },
    },
  }
}
