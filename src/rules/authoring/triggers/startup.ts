// `startup()`: the hub has started and its rules are loaded. Reads `<root>/hub/started`.

import { TRIGGER } from './trigger.ts'
import type { NoParams, Trigger } from './trigger.ts'

export const startup = (): Trigger<NoParams> => ({
  [TRIGGER]: { text: 'startup()', filter: ({ root }) => `${root}/hub/started` },
})
