// Only when nobody is at home
//
// Asks what another topic said last. A retained `home/mode` is known after a restart, too.

import { alert, rule } from 'vigie'

export default rule('cookbook-window-while-away', {
  on: 'windows/+name',
  when: ({ payload, last }) => payload === 'open' && last('home/mode')?.payload === 'away',
  do: ({ params }) =>
    alert({ key: `window-${params.name}`, title: `${params.name} was opened`, severity: 'critical' }),
  examples: [
    { topic: 'windows/kitchen', payload: 'open', last: { 'home/mode': 'away' }, expect: 'fire' },
    { topic: 'windows/kitchen', payload: 'open', last: { 'home/mode': 'home' }, expect: 'skip' },
  ],
})
