// A build server, and a backup that is a task: it is expected, timed, and missed when it does not come.

import { alert, rule, shell, task } from 'vigie'
import { z } from 'zod'

export const build = rule('build-ended', {
  on: 'builds/+job/result',
  payload: z.object({ number: z.int(), result: z.enum(['SUCCESS', 'FAILURE']), seconds: z.number() }),
  do: ({ params, payload }) => [
    shell`echo ${`${params.job} #${payload.number}: ${payload.result} in ${payload.seconds} s`}`,
    alert({
      key: `build-${params.job}`,
      title: `${params.job} #${payload.number} failed`,
      severity: 'warning',
      resolve: payload.result === 'SUCCESS',
    }),
  ],
})

export const backup = task('backup', { severity: 'critical' })
