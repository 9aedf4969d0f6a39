// Other units, another topic
//
// A sensor speaks Fahrenheit on a topic of its maker. The house wants Celsius, rounded, on its own.

import { publish, rule } from 'vigie'
import { z } from 'zod'

export default rule('cookbook-celsius', {
  on: 'acme/v2/+serial/tele/temp_f',
  payload: z.coerce.number(),
  do: ({ params, payload }) =>
    publish(`house/${params.serial}/celsius`, Math.round(((payload - 32) * 50) / 9) / 10),
})
