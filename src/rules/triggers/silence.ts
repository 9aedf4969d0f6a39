// `silence('sensors/+id/#', '10m')`: a topic that spoke before has not spoken for that long; each params has its own watch.
// What counts as speech are the messages that pass the rule's conditions; the last one of them is the event.

import type { Duration } from '../../base/quantities.ts'
import type { CheckTopic, Params } from '../../topics/capture-types.ts'
import { TRIGGER } from './trigger.ts'
import type { Trigger } from './trigger.ts'

export function silence<const T extends string>(filter: CheckTopic<T>, length: Duration): Trigger<Params<T>> {
  return {
    [TRIGGER]: {
      text: `silence(${JSON.stringify(filter)}, ${JSON.stringify(length)})`,
      filter: () => filter,
      silence: length,
    },
  }
}
