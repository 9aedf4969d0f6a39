// A door that stays open
//
// Told after ten minutes, and again when it is closed. Each door is timed by itself, also while the hub restarts.

import { alert, rule } from 'vigie'

export const open = rule('cookbook-door-open', {
  on: 'doors/+name',
  when: ({ payload }) => payload === 'open',
  for: '10m',
  do: ({ params }) => alert({ key: `door-${params.name}`, title: `The ${params.name} door is open` }),
})

export const closed = rule('cookbook-door-closed', {
  on: 'doors/+name',
  when: ({ payload }) => payload === 'closed',
  do: ({ params }) =>
    alert({ key: `door-${params.name}`, title: `The ${params.name} door is closed`, resolve: true }),
})
