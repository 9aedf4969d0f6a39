// A device that has gone
//
// The broker publishes the last will of a device that vanishes. What a device says of itself on the topic is no will.

import { alert, rule, will } from 'vigie'

export default rule('cookbook-will', {
  on: will('devices/+id/status'),
  do: ({ params, payload }) =>
    alert({ key: `gone-${params.id}`, title: `${params.id} is ${String(payload)}` }),
})
