// A doorbell, once
//
// Children ring eleven times. The first ring counts, and then none for half a minute.

import { rule, shell } from 'vigie'

export default rule('cookbook-doorbell', {
  on: 'doorbell/pressed',
  rateLimit: [1, '30s'],
  do: () => shell`paplay /usr/share/sounds/doorbell.wav`,
})
