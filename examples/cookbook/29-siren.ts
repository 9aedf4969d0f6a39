// A siren for what is critical
//
// Alerts are messages as well. The siren is on while any critical alert fires that nobody has acknowledged.

import { publish, rule } from 'vigie'
import { z } from 'zod'

export default rule('cookbook-siren', {
  on: 'vigie/alerts/#key',
  payload: z.object({ state: z.string(), severity: z.literal('critical') }),
  changed: ({ payload }) => payload.state,
  do: ({ payload }) => publish('siren/set', payload.state === 'firing' ? 'on' : 'off', { retain: true }),
})
