// Only at night
//
// Motion in the garden counts between 23:00 and sunrise, and at most once in ten minutes.

import { alert, rule } from 'vigie'

export default rule('cookbook-garden-at-night', {
  on: 'motion/garden',
  between: { from: '23:00', to: 'sunrise', place: [48.86, 2.35], timezone: 'Europe/Paris' },
  when: ({ payload }) => payload === 'on',
  rateLimit: [1, '10m'],
  do: () => alert({ key: 'garden', title: 'Something moves in the garden' }),
})
