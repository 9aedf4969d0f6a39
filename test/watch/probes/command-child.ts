// A process that checks by a command until it is killed.

import { probeCommand } from '../../../src/watch/probes/command.ts'

const argv = process.argv.slice(2)
await probeCommand({ kind: 'command', argv, statuses: [0] }, { signal: new AbortController().signal })
