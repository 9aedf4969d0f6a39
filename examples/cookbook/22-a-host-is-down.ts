// A host that does not answer
//
// What stands behind the router is not told of while the router itself is down.

import { alert, down, ping, rule, up } from 'vigie'

export const router = ping('cookbook-router', { host: '192.168.1.1', every: '30s', fails: 3 })
export const nas = ping('cookbook-nas', { tcp: '192.168.1.7:22', dependsOn: router })

export const lost = rule('cookbook-host-lost', {
  on: [down(router), down(nas)],
  do: ({ topic }) => alert({ key: topic, title: `${topic.split('-').at(-1)} does not answer` }),
})

export const found = rule('cookbook-host-found', {
  on: [up(router), up(nas)],
  do: ({ topic }) => alert({ key: topic, title: `${topic.split('-').at(-1)} answers again`, resolve: true }),
})
