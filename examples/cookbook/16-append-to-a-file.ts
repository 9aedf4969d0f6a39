// A line in a file
//
// Values reach a script by its environment only, so no payload can become a command. Lines of two runs do not mix.

import { rule, shell } from 'vigie'

export default rule('cookbook-log-file', {
  on: 'meters/+id/kwh',
  mode: 'queued',
  do: ({ params, event }) =>
    shell.script('printf "%s;%s;%s\\n" "$AT" "$ID" "$KWH" >> /var/lib/vigie/meters.csv', {
      env: { AT: new Date(event.at).toISOString(), ID: params.id, KWH: event.text },
    }),
})
