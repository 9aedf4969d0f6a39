// A client is killed, and the broker publishes its last will.
import { alert, rule, will } from 'vigie'

export default rule('gone', {
  on: will('alert/will/+try'),
  do: ({ event }) => alert({ key: `gone/${event.id}`, title: 'A client is gone', body: String(event.at) }),
})
