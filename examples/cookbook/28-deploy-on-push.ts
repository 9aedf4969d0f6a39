// Deploy on push
//
// GitHub delivers to `intake: { code: { from: 'github', secret: secret('GITHUB_SECRET') } }`. One deploy at a time; of
// those that wait, the newest comes last.

import { alert, rule, shell } from 'vigie'
import { z } from 'zod'

export default rule('cookbook-deploy', {
  on: 'in/code/push',
  payload: z.object({ ref: z.literal('refs/heads/main'), after: z.hex().length(40) }),
  mode: 'queued',
  key: () => 'deploy',
  do: ({ payload }) => [
    shell({ timeout: '10m', cwd: '/srv/site' })`git fetch origin`,
    shell({ timeout: '10m', cwd: '/srv/site' })`git checkout --detach ${payload.after}`,
    shell({ timeout: '10m', cwd: '/srv/site' })`make restart`,
    alert({ key: 'deployed', title: `Deployed ${payload.after.slice(0, 8)}`, severity: 'info' }),
  ],
})
