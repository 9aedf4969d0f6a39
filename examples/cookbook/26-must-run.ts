// A program that must run
//
// Started again after ever longer pauses. Somebody is told when that is in vain, and when it runs again.

import { alert, restart, watch } from 'vigie'

export default watch('cookbook-worker', {
  process: { commandLine: /^\/usr\/bin\/worker / },
  count: { below: 1, for: '10s' },
  retry: { attempts: 5, min: '10s', max: '5m' },
  do: () => restart(['/usr/bin/worker', '--queue', 'mail']),
  onGiveUp: () => alert({ key: 'worker', severity: 'critical', title: 'The worker does not stay up' }),
  onBack: () => alert({ key: 'worker', title: 'The worker runs again', resolve: true }),
})
