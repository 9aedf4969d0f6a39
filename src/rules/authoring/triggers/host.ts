// The trigger of a host: what its agent says of itself and of its probes. Authors write `on: host(…)`.

import { hostTopic } from '../../../model/host.ts'
import { TRIGGER } from './trigger.ts'
import type { Trigger } from './trigger.ts'

export type HostParams = { readonly part: 'agent' | 'said' }

export const agentHeard = (host: string): Trigger<HostParams> => ({
  [TRIGGER]: {
    text: `host(${JSON.stringify(host)})`,
    filter: ({ root }) => hostTopic(root, host, '+part'),
    params: ({ part = '' }) => (part === 'agent' || part === 'said' ? { part } : undefined),
    refuses: ({ payload }) =>
      payload.length === 0 ? { stage: 'trigger', reason: 'what was retained is cleared' } : undefined,
  },
})
