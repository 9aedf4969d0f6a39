// Builds of Jenkins as its Notification plugin tells them, over HTTP and in JSON: `intake: { ci: { from: 'jenkins' } }`
// publishes each phase of a build on in/ci/<job>/<phase>. An alert opens when a build fails, with its address, and
// closes when it succeeds. Another one tells of a build that hangs.

import { alert, rule } from 'vigie'
import { z } from 'zod'

const build = z.object({
  name: z.string(),
  build: z.object({
    full_url: z.url(),
    number: z.int(),
    /** Absent before the build is complete. */
    status: z.enum(['SUCCESS', 'UNSTABLE', 'FAILURE', 'NOT_BUILT', 'ABORTED']).optional(),
    scm: z.object({ branch: z.string().optional(), commit: z.string().optional() }).optional(),
  }),
})

export const ended = rule('build-ended', {
  on: 'in/ci/+job/COMPLETED',
  payload: build,
  // What was aborted by hand, or not built, says nothing of the code.
  when: ({ payload }) => ['SUCCESS', 'UNSTABLE', 'FAILURE'].includes(payload.build.status ?? ''),
  do: ({ payload: { name, build: of } }) => [
    alert({
      key: `build-${name}`,
      title: `${name} #${of.number}: ${of.status}`,
      body: [of.scm?.branch, of.scm?.commit?.slice(0, 8), of.full_url].filter(Boolean).join(' '),
      resolve: of.status === 'SUCCESS',
    }),
  ],
})

export const hangs = rule('build-hangs', {
  on: ['in/ci/+job/STARTED', 'in/ci/+job/COMPLETED'],
  payload: build,
  key: ({ payload }) => payload.build.full_url,
  when: ({ topic }) => topic.endsWith('/STARTED'),
  for: '2h',
  do: ({ payload: { name, build: of } }) => [
    alert({
      key: `build-hangs-${name}`,
      title: `${name} #${of.number} has run for two hours`,
      body: of.full_url,
    }),
  ],
})

export const goesOn = rule('build-goes-on', {
  on: 'in/ci/+job/COMPLETED',
  payload: build,
  do: ({ payload: { name } }) => [
    alert({ key: `build-hangs-${name}`, title: `${name} has ended`, resolve: true }),
  ],
})
