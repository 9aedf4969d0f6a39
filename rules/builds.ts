// An alert for each Jenkins build that ends without success; a successful build closes it. The MQTT
// Notification plugin of Jenkins publishes the bare result on jenkins/job/<name>/. examples/jenkins goes
// further.
//
//   mosquitto_pub -q 1 -t jenkins/job/site/ -m FAILURE

import { alert, rule } from 'vigie'
import { z } from 'zod'

export default rule('build-ended', {
  on: 'jenkins/job/#path',
  payload: z.enum(['SUCCESS', 'UNSTABLE', 'FAILURE', 'NOT_BUILT', 'ABORTED']),
  do: ({ params, payload }) => [
    alert({
      key: `build-${params.path.replace(/\/$/, '')}`,
      title: `${params.path.replace(/\/$/, '')}: ${payload}`,
      severity: 'warning',
      resolve: payload === 'SUCCESS',
    }),
  ],
  examples: [{ topic: 'jenkins/job/site/', payload: 'FAILURE', expect: 'fire' }],
})
