// A door that stays open for ten minutes raises an alert; a door that closes ends it.
//
//   vigie pub doors/front open
//   vigie alert list
//
// test/doors.test.ts tests these rules without waiting ten minutes.

import { alert, rule } from 'vigie'

export const leftOpen = rule('door-left-open', {
  on: 'doors/+name',
  when: ({ payload }) => payload === 'open',
  // Holds for so long. Each door is timed by itself, also while the hub restarts.
  for: '10m',
  do: ({ params }) => [alert({ key: `door-${params.name}`, title: `The ${params.name} door is open` })],
  // "vigie check" and each load of the rules try these.
  examples: [
    { topic: 'doors/front', payload: 'open', expect: 'fire' },
    { topic: 'doors/front', payload: 'closed', expect: 'skip' },
  ],
})

export const closed = rule('door-closed', {
  on: 'doors/+name',
  when: ({ payload }) => payload === 'closed',
  do: ({ params }) => [
    alert({ key: `door-${params.name}`, title: `The ${params.name} door is closed`, resolve: true }),
  ],
})
