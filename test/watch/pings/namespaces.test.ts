// Pings over a cable that is pulled: a hub and a router in network namespaces of their own, with a NAS behind
// the router. Nothing leaves the machine.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { itWith } from '../../support/tools.ts'

const CHILD = fileURLToPath(new URL('namespaces-child.ts', import.meta.url))
const NEEDED = ['root, who may unshare the network', 'ip', 'ping']

itWith(...NEEDED)(
  'a router whose cable is pulled is down, and what lies behind it unreachable until it is back',
  async () => {
    const hub = spawn('unshare', ['--net', process.execPath, CHILD], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const ended = once(hub, 'exit')
    onTestFinished(async () => {
      hub.kill('SIGKILL')
      await ended
    })
    const lines = createInterface({ input: hub.stdout })[Symbol.asyncIterator]()
    const next = async (count: number): Promise<string[]> => {
      const told: string[] = []
      while (told.length < count) told.push((await lines.next()).value as string)
      return told.toSorted()
    }
    expect(await next(4)).toEqual(['far-ssh down', 'nas up', 'own up', 'router up'])
    hub.stdin.write('pull\n')
    expect(await next(3)).toEqual(['far-ssh unreachable router', 'nas unreachable router', 'router down'])
    hub.stdin.write('plug\n')
    expect(await next(3)).toEqual(['far-ssh down', 'nas up', 'router up'])
    hub.stdin.end()
    expect(await ended).toEqual([0, null])
  },
)
