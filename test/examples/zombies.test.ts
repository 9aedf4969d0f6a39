// The zombie hunt: in virtual time, and with a real zombie whose parent is reminded.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'
import * as hunt from '../../examples/zombies/zombies.ts'
import { simulate } from '../../src/testing.ts'
import { ROOT, startHubProcess, temporaryFolder } from '../support/hub.ts'
import { whenOver } from '../support/lifetime.ts'
import { itWith } from '../support/tools.ts'

const EXAMPLE = join(ROOT, 'examples', 'zombies')

const identity = { boot: 'b', pid: 7, startTicks: 9 }
const zombie = {
  identity,
  pid: 7,
  ppid: 3,
  name: 'worker',
  state: 'zombie',
  parent: { pid: 3, name: 'careless' },
}

describe('in virtual time', () => {
  test('the parent of a zombie is reminded, and nobody is told', async () => {
    const hub = simulate({ ...hunt })
    await hub.publish('vigie/process/zombies/7', zombie)
    expect(hub.actions).toMatchObject([{ kind: 'reap', target: { identity }, parent: 'nudge' }])
  })

  test('a deaf parent is told of', async () => {
    const hub = simulate({ ...hunt })
    hub.fail('reap')
    await hub.publish('vigie/process/zombies/7', zombie)
    expect(hub.alerts).toMatchObject([{ key: 'runs/zombies', state: 'firing' }])
  })

  test('a parent that leaves many behind is told of', async () => {
    const hub = simulate({ ...hunt })
    const parent = { ...zombie, pid: 3, name: 'careless', commandLine: 'careless --fast', zombies: 21 }
    await hub.publish('vigie/process/careless-parents/3', parent)
    expect(hub.alerts).toMatchObject([
      { key: 'careless-3', body: expect.stringContaining('careless --fast') },
    ])
  })
})

itWith('python3', 'Linux')('a real zombie is collected by its parent', async () => {
  const parent = spawn('python3', [join(EXAMPLE, 'careless.py')], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(parent, 'exit')
  whenOver(() => parent.kill('SIGKILL'))
  const said = createInterface({ input: parent.stdout })[Symbol.asyncIterator]()
  const pid = Number((await said.next()).value)
  expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/^\d+ \(python3\S*\) Z /)
  // The same rules without patience, and for this zombie alone.
  const folder = temporaryFolder()
  const rules = readFileSync(join(EXAMPLE, 'zombies.ts'), 'utf8')
  mkdirSync(join(folder, 'rules'))
  writeFileSync(
    join(folder, 'rules', 'zombies.ts'),
    rules.replace("for: '1m'", "process: { parent: 'python3' }"),
  )
  await startHubProcess(['--data', join(folder, 'data'), '--rules', join(folder, 'rules')])
  expect((await said.next()).value).toBe('collected')
  await ended
})
