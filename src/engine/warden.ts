// The main thread of an engine's process: begins the engine's thread, watches over it, tells the hub how it has ended, and ends
// the process with it. No code of the user runs here, so the thread that hangs has somebody to notice.
//
// Always: the process is gone when the hub is, whatever the thread does at that moment.

import { systemClock } from '../base/clock.ts'
import { ENGINE_TITLE } from '../base/hub-process.ts'
import { sibling } from '../base/sibling.ts'
import type { Beginning } from './spawn.ts'
import { spawnUserThread } from './user-thread.ts'

/** The hub stops its engine in order; what a terminal or a service manager sends to all processes is not for this one. */
const FOR_THE_HUB = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

process.title = ENGINE_TITLE
for (const signal of FOR_THE_HUB) process.on(signal, () => {})
process.once('disconnect', end)
process.once('message', (beginning) => void run(beginning as Beginning))
// The hub may have gone while this was loaded.
if (!process.connected) end()

async function run({ data, ...limits }: Beginning): Promise<void> {
  const module = sibling(import.meta.url, './worker')
  const { ended } = spawnUserThread({ module, name: 'engine', data, clock: systemClock, ...limits })
  process.send!(await ended, end)
}

/** At once: a thread that is stuck in a call of the system cannot be waited for. */
function end(): void {
  process.kill(process.pid, 'SIGKILL')
}
