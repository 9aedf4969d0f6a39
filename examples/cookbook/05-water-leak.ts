// Water where none should be
//
// Closes the valve and calls everybody. The valve comes first: actions are performed in order, and each at least once.

import { alert, publish, rule } from 'vigie'
import { z } from 'zod'

export default rule('cookbook-leak', {
  on: 'zigbee2mqtt/leak/+room',
  payload: z.object({ water_leak: z.literal(true) }),
  do: ({ params }) => [
    publish('zigbee2mqtt/main-valve/set', { state: 'OFF' }),
    alert({
      key: `leak-${params.room}`,
      title: `Water in the ${params.room}`,
      severity: 'critical',
      labels: { room: params.room },
    }),
  ],
})
