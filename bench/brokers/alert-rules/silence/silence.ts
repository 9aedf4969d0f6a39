// A topic stops to speak.
import { alert, rule, silence } from 'vigie'

export default rule('quiet', {
  on: silence('alert/silence/+try', '200ms'),
  do: ({ event }) => alert({ key: `quiet/${event.id}`, title: 'A topic is quiet', body: String(event.at) }),
})
