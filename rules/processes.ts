// Processes of this machine: ended on command, and watched.

import { alert, kill, rule, watch } from 'vigie'

// Only what is named here can be ended by a message, and only when it has run for a minute.
const MAY_BE_KILLED = ['runaway-example']

//   mosquitto_pub -q 1 -t commands/kill/runaway-example -n
export const killOnCommand = rule('kill-on-command', {
  on: 'commands/kill/+name',
  when: ({ params }) => MAY_BE_KILLED.includes(params.name),
  do: ({ params }) => [kill({ name: params.name, olderThan: '1m' }, { grace: '10s' })],
})

// Tells of a process that keeps a whole core busy. Put kill(process, { grace: '10s' }) before the alert to end it.
export const busy = watch('busy', {
  process: {},
  cpu: { above: 95, for: '10m' },
  do: ({ process }) => [
    alert({
      key: `busy-${process.pid}`,
      title: `${process.name} (${process.pid}) has kept a core busy for ten minutes`,
    }),
  ],
})

// Tells of zombies: exited children whose parents do not look after them. Put reap(process) before the alert to nudge the parent.
export const zombies = watch('zombies', {
  state: 'zombie',
  for: '5m',
  do: ({ process }) => [
    alert({
      key: `zombie-${process.pid}`,
      title: `${process.name} (${process.pid}) is a zombie of ${process.ppid}`,
      severity: 'info',
    }),
  ],
})
