// One JSON, many topics
//
// Each number of a message becomes a topic of its own, retained, as dashboards like them.

import { publish, rule } from 'vigie'
import { z } from 'zod'

export default rule('cookbook-split', {
  on: 'weather/+station',
  payload: z.record(z.string(), z.unknown()),
  do: ({ params, payload }) =>
    Object.entries(payload)
      .filter(([name, value]) => typeof value === 'number' && !/[/+#]/.test(name))
      .map(([name, value]) => publish(`weather/${params.station}/${name}`, value, { retain: true })),
})
