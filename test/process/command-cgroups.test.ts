import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cgroups, mountIn } from '../../src/process/cgroup.ts'
import { CommandCgroups, commandCgroups, ownCgroupIn } from '../../src/process/command-cgroups.ts'
import { eventually, signalOwn, startProcess } from './start-process.ts'
import { itWith } from '../support/tools.ts'

test.each([
  ['0::/system.slice/vigie.service\n', '/system.slice/vigie.service'],
  ['12:pids:/x\n1:name=systemd:/user.slice\n0::/\n', '/'],
  ['0::/../outside\n', undefined],
  ['1:name=systemd:/old\n', undefined],
])('the own group in %j is %j', (text, path) => {
  expect(ownCgroupIn(text)).toBe(path)
})

test('without version 2, or a right to make groups, nothing happens', () => {
  expect(new CommandCgroups(undefined, '/').pathOf('a')).toBeUndefined()
  const folder = mkdtempSync(join(tmpdir(), 'vigie-cgroups-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const group = new CommandCgroups(join(folder, 'nowhere\0'), '/own').open('a')
  group.take(1)
  group.leave()
})

const NEEDED = 'root, who may make control groups of version 2'

describe('the control group of a command', () => {
  const mount = (): string => mountIn(readFileSync('/proc/self/mountinfo', 'utf8'))!

  itWith(NEEDED)('holds what the command starts, and goes with it', async () => {
    const { identity } = await startProcess('sh', ['-c', 'echo ready; read go; sleep 60 & echo done; wait'])
    const command = `test-${identity.pid}`
    const path = commandCgroups.pathOf(command)!
    const folder = join(mount(), path)
    const group = commandCgroups.open(command)
    // A command that leaves meanwhile does not take the group away.
    commandCgroups.open(`${command}-other`).leave()
    group.take(identity.pid)
    await eventually(() => cgroups.pidsOf(path)?.has(identity.pid) ?? false)
    // Nobody is ended by that: the group stays as long as somebody is in it.
    group.leave()
    signalOwn(identity.pid, 'SIGKILL')
    await eventually(() => !existsSync(folder) || cgroups.pidsOf(path)?.size === 0)
    // Whoever leaves next removes it as well.
    commandCgroups.open(`${command}-next`).leave()
    await eventually(() => !existsSync(folder))
    await eventually(() => !existsSync(join(mount(), commandCgroups.pathOf(`${command}-next`)!)))
  })
})
