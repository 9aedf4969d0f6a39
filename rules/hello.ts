// The smallest rule: publish a message on hello/you, and see the command that it runs.
//
//   npx vigie pub hello/you 'good morning'
//   npx vigie runs

import { rule, shell } from 'vigie'

export default rule('hello', {
  on: 'hello/+name',
  do: ({ params, event }) => [shell`echo Hello ${params.name}, event ${event.id} has arrived.`],
})
