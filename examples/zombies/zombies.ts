// A hunt for zombies: processes that have ended, and that their parent does not collect. One is collected by its
// parent, which is reminded; a parent that leaves many behind, or does not heed the reminder, is reported.

import { alert, reap, watch } from 'vigie'

export const zombies = watch('zombies', {
  state: 'zombie',
  // Every process is a zombie for a moment.
  for: '1m',
  // A parent that ignores the reminder fails the run, and the hub raises the alert "runs/zombies" with its name.
  do: ({ process: zombie }) => [reap(zombie)],
})

export const careless = watch('careless-parents', {
  zombies: { above: 20, for: '5m' },
  do: ({ process: parent }) => [
    alert({
      key: `careless-${parent.pid}`,
      title: `${parent.name} (${parent.pid}) has left more than 20 zombies behind`,
      body: `Its command line: ${parent.commandLine}. A restart of it removes them.`,
    }),
  ],
})
