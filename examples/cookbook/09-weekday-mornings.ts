// On weekday mornings
//
// Runs exactly once on each day, also when the clocks change. What was missed while the hub was down is not done later.

import { cron, publish, rule } from 'vigie'

export default rule('cookbook-heating-up', {
  on: cron('30 6 * * mon-fri', { timezone: 'Europe/Paris' }),
  do: () => publish('heating/bathroom/set', 22),
})
