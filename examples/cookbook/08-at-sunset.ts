// Lights at sunset
//
// Half an hour before the sun sets, wherever the house is. `place` may stand in `vigie.config.ts` instead.

import { publish, rule, sun } from 'vigie'

export default rule('cookbook-sunset-lights', {
  on: sun('sunset', { offset: '-30m', place: [48.86, 2.35] }),
  do: () => ['hall', 'porch'].map((lamp) => publish(`lights/${lamp}/set`, 'on')),
})
