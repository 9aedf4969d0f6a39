// The smallest rule: publish a message on hello/you, and see the command that it runs.
//
//   mosquitto_pub -q 1 -t hello/you -m 'good morning'
//   npm run -s vigie -- runs

import { rule, shell } from 'vigie'

export default rule('hello', {
  on: 'hello/+name',
  do: ({ params, event }) => [shell`echo Hello ${params.name}, event ${event.id} has arrived.`],
})
