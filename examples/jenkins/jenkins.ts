// An alert that opens when a build fails and closes when it succeeds. Works with the defaults of the MQTT
// Notification plugin of Jenkins: topic jenkins/job/<name>/ (the last slash is part of it), payload the
// bare result.

import { alert, rule } from 'vigie'
import { z } from 'zod'

const result = z.enum(['SUCCESS', 'UNSTABLE', 'FAILURE', 'NOT_BUILT', 'ABORTED'])
const jobOf = (path: string): string => path.replace(/\/$/, '')

export default [
  rule('build-broken', {
    on: 'jenkins/job/#path',
    payload: result,
    when: ({ payload }) => payload === 'FAILURE' || payload === 'UNSTABLE',
    do: ({ payload, params }) => [
      alert({
        key: `build-${jobOf(params.path)}`,
        title: `${jobOf(params.path)}: ${payload}`,
        severity: 'warning',
      }),
    ],
    examples: [
      { topic: 'jenkins/job/site/', payload: 'FAILURE', expect: 'fire' },
      { topic: 'jenkins/job/site/', payload: 'SUCCESS', expect: 'skip' },
    ],
  }),
  rule('build-mended', {
    on: 'jenkins/job/#path',
    payload: result,
    when: ({ payload }) => payload === 'SUCCESS',
    do: ({ params }) => [
      alert({
        key: `build-${jobOf(params.path)}`,
        title: `${jobOf(params.path)} builds again`,
        resolve: true,
      }),
    ],
    examples: [{ topic: 'jenkins/job/site/', payload: 'SUCCESS', expect: 'fire' }],
  }),
]
