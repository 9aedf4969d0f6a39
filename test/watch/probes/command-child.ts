// A process that checks by a command until it is killed. Each line that it prints is a turn of its event loop.

import { probeCommand } from '../../../src/watch/probes/command.ts'

const argv = process.argv.slice(2)
setInterval(() => process.stdout.write('.\n'), 10)
await probeCommand({ kind: 'command', argv, statuses: [0] }, { signal: new AbortController().signal })
