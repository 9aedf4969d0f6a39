// Under pid pressure a kill never hits a process that was not meant. In a namespace of four hundred pids a thousand
// processes are to be ended, beside bystanders; half of them have ended by themselves by then, and a bystander has
// the pid.

import { execa } from 'execa'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { itWith } from '../support/tools.ts'

const KILLS = 1_000
const child = fileURLToPath(new URL('pid-pressure-child.ts', import.meta.url))
/** Its first process, and so every other, ends with `unshare`. */
const inNamespace = ['--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c']

itWith('root, who may limit the pids of a namespace (Linux 6.14)')(
  `${KILLS} kills in a namespace of 400 pids hit nobody who was not meant`,
  async () => {
    // The shell is process 1 and collects what the victims leave behind; Node would leave it there.
    const script = `echo 400 > /proc/sys/kernel/pid_max; "$0" --conditions=vigie-source "$@" & wait $!`
    const { stdout } = await execa('unshare', [
      ...inNamespace,
      script,
      process.execPath,
      child,
      String(KILLS),
    ])
    const said = JSON.parse(stdout) as Record<string, number>
    expect(said).toMatchObject({ kills: KILLS, hit: 0, survived: 0 })
    expect(said['reused']).toBeGreaterThan(KILLS / 4)
    expect(said['gone']).toBeGreaterThan(0)
    expect(said['ended']).toBeGreaterThan(0)
  },
  900_000,
)
