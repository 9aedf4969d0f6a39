// Twenty devices, one message
//
// A switch fails, and all its devices with it. Five or more within ten seconds are one alert.

import { alert, rule, tasmota } from 'vigie'

export default rule('cookbook-plugs', {
  on: tasmota('offline'),
  together: { window: '10s', atLeast: 5 },
  do: ({ params, together }) =>
    together
      ? alert({ key: 'plugs', title: `${together.count} plugs are gone`, body: together.keys.join(', ') })
      : alert({ key: `plug-${params.device}`, title: `${params.device} is gone` }),
})
