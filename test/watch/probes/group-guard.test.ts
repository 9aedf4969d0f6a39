import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { itWith } from '../../support/tools.ts'
import { startProcess } from '../../process/start-process.ts'

const GUARD = new URL('../../../src/watch/probes/group-guard.ts', import.meta.url).href

const startGroup = () => startProcess('setsid', ['sh', '-c', 'echo ready; exec sleep 60'])

itWith('setsid')(
  'when a process dies, the groups that it guards end, and those that it no longer guards do not',
  async () => {
    const groups = await Promise.all([startGroup(), startGroup(), startGroup(), startGroup()])
    const [one, other, third, fourth] = groups.map(({ identity }) => identity.pid)
    const code = `
    import { groupGuard } from ${JSON.stringify(GUARD)}
    const guardGroup = groupGuard()
    const letGo = guardGroup(${one})
    const keep = guardGroup(${other})
    guardGroup(${third})()
    guardGroup(${fourth})
    letGo()
    process.stdout.write('ready')
    setInterval(() => {}, 60_000)`
    const hub = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(hub.stdout, 'data')
    hub.kill('SIGKILL')
    await groups[1]?.ended
    await groups[3]?.ended
    expect(groups.map(({ child }) => child.signalCode)).toEqual([null, 'SIGKILL', null, 'SIGKILL'])
  },
)

test('a guard keeps no process running', async () => {
  const code = `import { groupGuard } from ${JSON.stringify(GUARD)}\ngroupGuard()(2 ** 22 + 1)`
  const hub = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'inherit' })
  expect(await once(hub, 'exit')).toEqual([0, null])
})
