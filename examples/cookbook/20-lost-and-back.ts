// A client that is lost, back, or comes and goes
//
// A reconnect within two minutes is no loss. A client that comes and goes all the time is told of once.

import { alert, client, rule } from 'vigie'

export default rule('cookbook-cameras', {
  on: client('camera-*', { grace: '2m', flapping: true }),
  do: ({ params, change }) =>
    alert({
      key: params.id,
      title: `${params.id} is ${change}`,
      resolve: change === 'back' || change === 'steady',
    }),
})
