// The washing machine has finished
//
// A plug tells its power. Below 4 W for three minutes, after more than 50 W, the laundry is done: once for each wash.

import { alert, rule } from 'vigie'
import { z } from 'zod'

export default rule('cookbook-washing-done', {
  on: 'plugs/washing-machine/watts',
  payload: z.number(),
  below: 4,
  until: 50,
  for: '3m',
  do: () => alert({ key: 'washing', title: 'The laundry is done', severity: 'info' }),
})
