// A copy of this machine that a test may change: what it writes stays in memory and is gone with the test.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { whenOver } from '../support/lifetime.ts'

export interface Throwaway {
  /** Runs a shell script as root of the copy; resolves with what it printed, rejects where it fails. */
  run(this: void, script: string): Promise<string>
}

/** Needs `root, who may mount`. */
export async function throwawayMachine(): Promise<Throwaway> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-machine-'))
  const root = join(folder, 'root')
  const mounts = `
    set -e
    mount -t tmpfs tmpfs ${folder}
    cd ${folder}
    mkdir up work root
    mount -t overlay overlay -o lowerdir=/,upperdir=up,workdir=work root
    mount --rbind /proc root/proc
    mount --rbind /dev root/dev
    mount -t tmpfs tmpfs root/run
    echo mounted
    exec cat`
  // The mounts belong to this process and are gone when it is.
  const keeper = spawn('unshare', ['--mount', 'sh', '-c', mounts], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(keeper, 'exit')
  whenOver(async () => {
    keeper.stdin.end()
    await ended
    rmdirSync(folder)
  })
  await Promise.race([
    once(keeper.stdout, 'data'),
    ended.then(() => Promise.reject(new Error('No copy of this machine could be made.'))),
  ])
  const inside = ['--target', String(keeper.pid), '--mount', 'chroot', root]
  return {
    async run(script) {
      const { all } = await execa('nsenter', [...inside, 'sh', '-ec', script], {
        all: true,
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', DEBIAN_FRONTEND: 'noninteractive' },
        extendEnv: false,
      })
      return all
    },
  }
}
