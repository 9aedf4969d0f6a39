// Three failures within ten minutes
//
// One failed login is a slip of the finger. Three from one address are an alert that names it.

import { alert, rule } from 'vigie'
import { z } from 'zod'

export default rule('cookbook-logins', {
  on: 'logins/failed',
  payload: z.object({ address: z.string(), user: z.string() }),
  key: ({ payload }) => payload.address,
  count: [3, '10m'],
  do: ({ payload }) =>
    alert({ key: `logins-${payload.address}`, title: `Three failed logins from ${payload.address}` }),
})
