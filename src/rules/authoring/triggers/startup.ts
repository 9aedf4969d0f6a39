// `startup()` fires when the hub has started and its rules are loaded. It reads `<root>/hub/started`.

import { TRIGGER } from './trigger.ts'
import type { NoParams, Trigger } from './trigger.ts'

/** Fires once each time the hub has started and its rules are loaded. */
export const startup = (): Trigger<NoParams> => ({
  [TRIGGER]: { text: 'startup()', filter: ({ root }) => `${root}/hub/started` },
})
