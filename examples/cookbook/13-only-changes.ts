// Only what changes
//
// A device that repeats itself every second is heard once for each new value. Of the payload, one member counts.

import { publish, rule } from 'vigie'
import { z } from 'zod'

export default rule('cookbook-changes', {
  on: 'meters/+id/raw',
  payload: z.object({ state: z.string() }),
  changed: ({ payload }) => payload.state,
  do: ({ params, payload }) => publish(`meters/${params.id}/state`, payload.state, { retain: true }),
})
