// Ends process groups when this process dies, however it does: a small program of the shell reads which
// groups run, and ends them at the end of its input.

import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Writable } from 'node:stream'

const SCRIPT = `
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
`

let guard: Writable | undefined

/** Guards one group, named by the pid of its leader, until the returned function is called. */
type GuardGroup = (group: number) => () => void

/**
 * The guard runs already when its caller starts a program, which is so unguarded for a moment only.
 * Without /bin/sh there is no guard.
 */
export function groupGuard(): GuardGroup {
  const input = (guard ??= startGuard())
  return (group) => {
    input.write(`+ ${group}\n`)
    return () => void input.write(`- ${group}\n`)
  }
}

/** One guard for all groups. It keeps nothing running: neither it nor its input counts as work under way. */
function startGuard(): Writable {
  const child = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  const { stdin } = child
  const gone = (): void => {
    if (guard === stdin) guard = undefined
  }
  child.on('error', gone).on('exit', gone).unref()
  stdin.on('error', gone)
  if ('unref' in stdin) (stdin as Socket).unref()
  return stdin
}
