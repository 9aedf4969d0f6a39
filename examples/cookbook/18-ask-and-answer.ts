// Ask, and be answered
//
// An MQTT 5 client asks with a response topic; the hub runs a program and sends what that says, with the correlation data.

import { reply, rule, shell } from 'vigie'

export default rule('cookbook-uptime', {
  on: 'ask/uptime',
  do: () => [shell`uptime -p`, ([result]) => reply({ uptime: result?.['stdout'] })],
})
