// A program that runs away
//
// Two minutes of a whole core make it nicer to the others; three gigabytes end it, with all that it has started.

import { alert, kill, renice, watch } from 'vigie'

const ffmpeg = { name: 'ffmpeg', user: 'media' }

export const busy = watch('cookbook-busy', {
  process: ffmpeg,
  cpu: { above: 95, for: '2m' },
  do: ({ process }) => renice(process, 15),
})

export const fat = watch('cookbook-fat', {
  process: ffmpeg,
  memory: { above: '3GiB' },
  do: ({ process }) => [
    kill(process, { grace: '5s' }),
    alert({ title: `Ended ${process.name} ${process.pid}`, body: process.commandLine, severity: 'info' }),
  ],
})
