// A disk that fills up
//
// A program is asked each hour, and its output decides. `df` prints the share that is used.

import { alert, cron, rule, shell } from 'vigie'

export default rule('cookbook-disk', {
  on: cron('@hourly'),
  do: () => [
    shell`df --output=pcent /srv`,
    ([df]) => {
      const used = Number(/(\d+)%/.exec(JSON.stringify(df))?.[1])
      return alert({ key: 'disk-srv', title: `/srv is ${used} % full`, resolve: used < 90 })
    },
  ],
})
