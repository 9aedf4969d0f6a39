// Long tasks that call back when they end: here a Jenkins build, told by its MQTT Notification plugin with the default
// topic jenkins/job/<name>/ and the bare result as payload. examples/jenkins goes further.
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
