// What rules could not do
//
// Every run that ends is a message. Those that failed for good go to a topic for a dashboard, with the reason.

import { publish, rule } from 'vigie'
import { z } from 'zod'

export default rule('cookbook-failures', {
  on: 'vigie/runs/+rule',
  payload: z.object({ run: z.int(), state: z.literal('dead') }),
  do: ({ params, payload }) =>
    publish(`dashboard/failures/${params.rule}`, { run: payload.run, look: `vigie run show ${payload.run}` }),
})
