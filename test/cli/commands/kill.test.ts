// Processes of a whole hub from outside: `vigie ps` and `vigie kill`, and commands of clients with users over MQTT 5
// and 3.1.1. Also for `src/cli/commands/ps.ts` and `src/watch/processes/view.ts`.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import type { IPublishPacket } from 'mqtt'
import { expect, it, onTestFinished } from 'vitest'
import { hashPassword } from '../../../src/access/passwords.ts'
import type { WatchedProcesses } from '../../../src/model/watch.ts'
import { isAlive, thisMachine } from '../../../src/process/table.ts'
import { startProcess, startPython } from '../../process/start-process.ts'
import { startHubProcess, temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'
import { describeWith } from '../../support/tools.ts'

const WORD = `vigie-test-kill-${process.pid}`

const RULES = `import { command, watch } from 'vigie'
export const stray = watch('stray', {
  process: { commandLine: /${WORD}-stray/ },
  memory: { above: '1KiB' },
  do: () => [],
})
export const runaway = command('runaway', {
  target: { commandLine: /${WORD}-runaway/ },
  allow: ['kill', 'list'],
  users: ['anna'],
  grace: '5s',
})
`

const startNamed = (name: string) =>
  startProcess('sh', ['-c', `: ${WORD}-${name}; sleep 60 & echo ready $!; wait`])

async function startHub() {
  const folder = temporaryFolder()
  const [rules, data] = [join(folder, 'rules'), join(folder, 'data')]
  mkdirSync(rules)
  writeFileSync(join(rules, 'processes.ts'), RULES)
  const users = Object.fromEntries(
    await Promise.all(['anna', 'eve'].map(async (name) => [name, await hashPassword('pw', false)])),
  ) as object
  const permissions = [{ publish: ['vigie/commands/#', '#'], receive: ['#', 'vigie/#'] }]
  const file = join(folder, 'users.json')
  writeFileSync(file, JSON.stringify({ users, permissions }))
  chmodSync(file, 0o600)
  const config = join(folder, 'vigie.config.ts')
  writeFileSync(config, `export default { users: ${JSON.stringify(file)} }\n`)
  const hub = await startHubProcess(['--data', data, '--rules', rules, '--config', config])
  const connect = async (username: string, protocolVersion: 4 | 5) => {
    const client = await connectAsync(`mqtt://127.0.0.1:${hub.mqtt}`, {
      username,
      password: 'pw',
      protocolVersion,
    })
    onTestFinished(() => client.endAsync(true))
    return client
  }
  return { hub, connect, vigie: (...args: string[]) => runCommand([...args, '--data', data]) }
}

describeWith('python3')('processes of a hub', () => {
  it('are shown with their watch, and who is a zombie of whom, and are ended by name', async () => {
    const { identity, told } = await startNamed('stray')
    const parent = await startPython(
      'import os, signal\npid = os.fork()\nif pid == 0: os._exit(0)\nos.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)\nprint("ready", pid)\nsignal.pause()',
    )
    const { vigie, hub } = await startHub()
    await expect
      .poll(async () => (await vigie('ps')).out, { timeout: 30_000, interval: 300 })
      .toMatch(new RegExp(String.raw`^ +${identity.pid} .* reported .*${WORD}-stray`, 'm'))
    const { out } = await vigie('ps')
    expect(out).toMatch(/^stray: 1 process$/m)
    expect(out).toMatch(
      new RegExp(
        String.raw`^ +${parent.told[0]} python3, .* is not reaped by python3 \(${parent.identity.pid}\)$`,
        'm',
      ),
    )
    const json = JSON.parse((await vigie('ps', '--json')).out) as WatchedProcesses
    expect(json.watches).toMatchObject([
      { name: 'stray', count: 1, processes: [{ pid: identity.pid, isTold: true }] },
    ])

    const dry = await vigie('kill', 'stray', '--dry-run')
    expect(dry).toMatchObject({
      status: 0,
      out: `sh (${identity.pid}) is meant, sleep (${told[0]}) is meant\n`,
    })
    expect(isAlive(identity, thisMachine)).toBe(true)
    const killed = await vigie('kill', 'stray')
    expect(killed).toMatchObject({ status: 0, out: `sh (${identity.pid}) ended, sleep (${told[0]}) ended\n` })
    expect(isAlive(identity, thisMachine)).toBe(false)

    const { status, error } = await vigie('kill', 'strai')
    expect([status, error]).toEqual([1, expect.stringContaining('Did you mean "stray"?')])
    const history = await vigie('history', 'vigie/commands/stray/#')
    expect(history.out).toContain('"dryRun":true')
    expect(history.out).toContain(`"by":`)
    expect(hub.noise).toEqual([])
  })

  it('are ended by a client whose user may, over MQTT 5 and 3.1.1, and by no other', async () => {
    const { hub, connect } = await startHub()
    const five = await connect('anna', 5)
    const heard: [string, unknown, IPublishPacket][] = []
    const answers = async (count: number) => {
      await expect.poll(() => heard.length, { timeout: 30_000, interval: 50 }).toBe(count)
      return heard.at(-1)!
    }
    for (const client of [five, await connect('anna', 4)])
      client.on(
        'message',
        (topic, payload, packet) => void heard.push([topic, JSON.parse(String(payload)), packet]),
      )

    const first = await startNamed('runaway')
    await five.subscribeAsync('answers/phone', { qos: 1 })
    const properties = { responseTopic: 'answers/phone', correlationData: Buffer.from('42') }
    await five.publishAsync('vigie/commands/runaway/list', '', { qos: 1, properties })
    expect((await answers(1))[1]).toMatchObject({
      ok: true,
      count: 1,
      processes: [{ pid: first.identity.pid }],
    })
    const again = { ...properties, correlationData: Buffer.from('43') }
    await five.publishAsync('vigie/commands/runaway/kill', '', { qos: 1, properties: again })
    const [, answer, packet] = await answers(2)
    expect(answer).toMatchObject({ ok: true, user: 'anna', processes: [{ how: 'terminated' }, {}] })
    expect(String(packet.properties?.correlationData)).toBe('43')
    expect(isAlive(first.identity, thisMachine)).toBe(false)

    const second = await startNamed('runaway')
    await five.subscribeAsync('vigie/commands/runaway/result', { qos: 1 })
    const eve = await connect('eve', 4)
    await eve.publishAsync('vigie/commands/runaway/kill', '', { qos: 1 })
    expect((await answers(3))[1]).toMatchObject({
      ok: false,
      user: 'eve',
      error: 'the user "eve" is not among those who may',
    })
    await hub.line(({ msg }) => msg.includes('the user "eve" is not among those who may; nothing was done'))
    expect(isAlive(second.identity, thisMachine)).toBe(true)
    const old = await connect('anna', 4)
    await old.publishAsync('vigie/commands/runaway/kill', '{"dryRun":true}', { qos: 1 })
    expect((await answers(4))[1]).toMatchObject({ ok: true, dryRun: true, processes: [{ how: 'meant' }, {}] })
    await old.publishAsync('vigie/commands/runaway/kill', '', { qos: 1 })
    expect((await answers(5))[1]).toMatchObject({
      ok: true,
      user: 'anna',
      processes: [{ how: 'terminated' }, {}],
    })
    expect(isAlive(second.identity, thisMachine)).toBe(false)
  })
})
