// The main thread of a process in which code of the user runs: begins the thread for it, watches over that,
// tells whoever began the process how it has ended, and ends the process with it. No code of the user runs
// here, so the thread that hangs has somebody to notice.
//
// Always: the process is gone when the one that began it is, whatever the thread does at that moment.

import { systemClock } from '../../base/clock.ts'
import { keepCompiled } from '../../base/compiled.ts'
import { titleOf } from '../../base/hub-process.ts'
import { DESCRIPTORS, openPipe } from './descriptors.ts'
import type { Beginning } from './user-process.ts'
import { runUserThread } from './user-thread.ts'

/**
 * The hub stops its engine in order; what a terminal or a service manager sends to all processes is not for
 * this one.
 */
const FOR_THE_HUB = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

for (const signal of FOR_THE_HUB) process.on(signal, () => {})
const port = openPipe('warden')
port.pipe.once('close', end)
let hasBegun = false
port.on('message', (beginning) => {
  if (!hasBegun) void run(beginning as Beginning)
  hasBegun = true
})
// No process of this kind exits in order.
keepCompiled()

async function run({ module, ...beginning }: Beginning): Promise<void> {
  process.title = titleOf(beginning.name)
  const ending = await runUserThread({
    ...beginning,
    module: new URL(module),
    clock: systemClock,
    box: DESCRIPTORS.blackBox,
  })
  port.postMessage(ending)
  // The process ends after all that has been posted in this turn of the loop has been sent.
  setImmediate(() => port.pipe.end(end))
}

/** Ends the process at once: a thread that is stuck in a system call cannot be waited for. */
function end(): void {
  process.kill(process.pid, 'SIGKILL')
}
