// A topic filter (`'devices/+id/status'`) fires when a message is published on a matching topic.

import { TRIGGER } from './trigger.ts'
import type { Trigger } from './trigger.ts'

export const topic = (filter: string): Trigger => ({
  [TRIGGER]: { text: JSON.stringify(filter), filter: () => filter },
})
