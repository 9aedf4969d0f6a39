// The smallest rule: a message on hello/you runs a command.
//
//   vigie pub hello/you 'good morning'    publishes one
//   vigie runs                            shows what the rule did

import { rule, shell } from 'vigie'

export default rule('hello', {
  // An MQTT topic filter. "+name" is one level of the topic, and has this name in params.
  on: 'hello/+name',
  // Actions are returned, not performed: the hub stores them first, and runs each at least once.
  // Whatever is in ${…} is exactly one argument of the command. No shell reads it.
  do: ({ params, event }) => [shell`echo ${params.name} says: ${event.text}`],
})
