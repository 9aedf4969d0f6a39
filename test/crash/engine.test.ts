// The engine's process beside a real hub: it may die by whatever its rules do without a client's noticing, and it never outlives
// the hub.

import { connectAsync } from 'mqtt'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { thisMachine } from '../../src/process/table.ts'
import { longTest } from '../support/long-test.ts'
import { startHubProcess, temporaryFolder } from '../support/hub.ts'

// Each engine is a process that loads its code: seconds, where other tests take the processor.
vi.setConfig({ testTimeout: 240_000 })

const RULES = `import { publish, rule } from 'vigie'
export default [
  rule('hungry', { on: 'poison', when: () => { const all = []; for (;;) all.push(new Array(3e7).fill(1.5)) }, do: () => [] }),
  rule('echo', { on: 'in/+n', do: ({ params }) => publish('out/' + params.n, 'x', { qos: 1 }) }),
  rule('witness', { on: 'poison', do: () => publish('out/poison', 'x', { qos: 1 }) }),
]`

async function start() {
  const rules = temporaryFolder()
  writeFileSync(join(rules, 'rules.ts'), RULES)
  return startHubProcess(['--data', join(temporaryFolder(), 'data'), '--rules', rules])
}

const enginesOf = async (hub: number): Promise<number[]> =>
  [...(await thisMachine.read()).byPid.values()]
    .filter(({ ppid, state }) => ppid === hub && state !== 'zombie')
    .map(({ pid }) => pid)

const isRunning = (pid: number): boolean => !['zombie', undefined].includes(thisMachine.look(pid)?.state)

longTest(
  'lets a client publish, and every other rule act, while a rule exhausts the memory of the engine',
  async () => {
    const hub = await start()
    const client = await connectAsync(`mqtt://127.0.0.1:${hub.mqtt}`, { reconnectPeriod: 0 })
    let closed = false
    client.on('close', () => (closed = true))
    const heard = new Set<string>()
    client.on('message', (topic) => heard.add(topic))
    await client.subscribeAsync(['out/#', 'vigie/alerts/quarantine/#'], { qos: 1 })
    const [first] = await enginesOf(hub.pid)

    await client.publishAsync('poison', 'x', { qos: 1 })
    let sent = 0
    let slowest = 0
    while (!heard.has('vigie/alerts/quarantine/rule/hungry')) {
      const began = performance.now()
      await client.publishAsync(`in/${sent++}`, 'x', { qos: 1 })
      slowest = Math.max(slowest, performance.now() - began)
      await pause(100)
    }
    const wanted = ['poison', ...Array.from({ length: sent }, (_, n) => String(n))].map(
      (name) => `out/${name}`,
    )
    while (wanted.some((topic) => !heard.has(topic))) await pause(20)

    expect(closed).toBe(false)
    // Most of it is this machine's being busy; a client whose keep-alive is short must not be lost.
    expect(slowest).toBeLessThan(10_000)
    const [last, ...others] = await enginesOf(hub.pid)
    expect(last).not.toBe(first)
    expect(others).toEqual([])
    await client.endAsync()
    expect(await hub.end('SIGTERM')).toMatchObject({ code: 0 })
  },
)

it('leaves no engine behind when the hub is killed, nor when it is stopped', async () => {
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const hub = await start()
    const engines = await enginesOf(hub.pid)
    expect(engines).toHaveLength(1)
    await hub.end(signal)
    while (engines.some(isRunning)) await pause(10)
  }
})

it('stays in charge of an engine that hears the signals of a terminal too', async () => {
  const hub = await start()
  const [engine] = await enginesOf(hub.pid)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(engine!, signal)
  const client = await connectAsync(`mqtt://127.0.0.1:${hub.mqtt}`, { reconnectPeriod: 0 })
  const said = new Promise((resolve) => client.once('message', resolve))
  await client.subscribeAsync('out/#', { qos: 1 })
  await client.publishAsync('in/1', 'x', { qos: 1 })
  await said
  expect(await enginesOf(hub.pid)).toEqual([engine])
  await client.endAsync()
})
