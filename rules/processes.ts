// Processes of this machine: one rule ends them on command, two watches raise alerts.

import { alert, kill, rule, watch } from 'vigie'

// A message can end only the processes that are named here, and only after they have run for a minute.
const MAY_BE_KILLED = ['runaway-example']

//   mosquitto_pub -q 1 -t commands/kill/runaway-example -n
export const killOnCommand = rule('kill-on-command', {
  on: 'commands/kill/+name',
  when: ({ params }) => MAY_BE_KILLED.includes(params.name),
  do: ({ params }) => [kill({ name: params.name, olderThan: '1m' }, { grace: '10s' })],
})

// Raises an alert when a process keeps a whole core busy. To end it, put kill(process, { grace: '10s' })
// before the alert.
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

// Raises an alert for zombies: processes that have exited, and that their parent has not collected. To
// nudge the parent, put reap(process) before the alert.
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
