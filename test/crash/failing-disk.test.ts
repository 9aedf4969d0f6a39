// A journal on a disk that reports errors: nothing is acknowledged meanwhile, it says why, goes on when the disk does, and has
// lost nothing of what was acknowledged. A library between the process and the system makes the calls fail.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { openEngineReads } from '../../src/journal/queries/reads.ts'
import { temporaryFolder } from '../support/hub.ts'
import { itWith } from '../support/tools.ts'

const LIBRARY = fileURLToPath(new URL('failing-disk.c', import.meta.url))
const CHILD = fileURLToPath(new URL('failing-disk-child.ts', import.meta.url))

itWith('cc')(
  'acknowledges nothing while the disk fails, says so, goes on when it works again, and loses nothing',
  { timeout: 120_000 },
  async () => {
    const folder = temporaryFolder()
    const library = join(folder, 'failing-disk.so')
    execFileSync('cc', ['-shared', '-fPIC', '-o', library, LIBRARY, '-ldl'])
    const calls = join(folder, 'calls')
    const env = {
      ...process.env,
      LD_PRELOAD: library,
      VIGIE_FAULT: join(folder, 'fault'),
      VIGIE_CALLS: calls,
    }
    const child = spawn(process.execPath, [CHILD, folder], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const ended = once(child, 'close')
    const told: string[] = []
    for await (const line of createInterface({ input: child.stdout })) told.push(line)
    expect(await ended).toEqual([null, 'SIGKILL'])
    const outage = (fault: string, event: number): string[] => [
      `event ${event - 1}`,
      `fault ${fault}`,
      expect.stringMatching(
        /^trouble The disk reports an error\. .* nothing is acknowledged meanwhile/,
      ) as string,
      'trouble null',
    ]
    expect(told).toEqual([
      ...outage('write EIO', 2),
      ...outage('sync EIO', 3),
      'event 3',
      // What the log held when its sync failed is safe elsewhere before any of it is acknowledged.
      'database 3',
      ...outage('write EFBIG', 4).slice(1),
      ...outage('write EROFS', 5),
      'event 5',
    ])
    // Each is told of after its log has been written, and then synced.
    const log = readFileSync(calls, 'utf8')
    for (const id of [1, 2, 3, 4, 5])
      expect(log).toMatch(
        new RegExp(`^append ${id}\n(?:.*\n)*?write\n(?:.*\n)*?sync\n(?:.*\n)*?told ${id}$`, 'm'),
      )
    const reads = openEngineReads(folder)
    expect(reads.eventsAfter(0, 9).map(({ id, topic }) => `${id} ${topic}`)).toEqual([
      '1 first',
      '2 write EIO',
      '3 sync EIO',
      '4 write EFBIG',
      '5 write EROFS',
    ])
    reads.close()
  },
)
