// A real hub is stopped or killed, and its devices come back, or do not: with a grace, a restart is no loss.
//
// Covers `src/rules/authoring/triggers/client.ts`.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { expect, it, onTestFinished, vi } from 'vitest'
import { startHubProcess, temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'

vi.setConfig({ testTimeout: 120_000 })

const RULE = `
import { client, publish, rule } from 'vigie'
export default rule('devices', {
  on: client('*', { grace: '8s' }),
  do: ({ params, change }) => publish('told/' + params.id, change),
})`

it.each(['SIGTERM', 'SIGKILL'] as const)(
  'after a hub that was ended by %s only the device that does not come back is lost',
  async (signal) => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'rules'))
    writeFileSync(join(folder, 'rules', 'devices.ts'), RULE)
    const args = ['--data', join(folder, 'data'), '--rules', join(folder, 'rules')]
    const first = await startHubProcess(args)
    const staying = await connectAsync({ port: first.mqtt, clientId: 'staying', reconnectPeriod: 50 })
    onTestFinished(() => staying.endAsync(true))
    const leaving = await connectAsync({ port: first.mqtt, clientId: 'leaving', reconnectPeriod: 0 })
    onTestFinished(() => leaving.endAsync(true))
    // What was received before this is committed when it is acknowledged.
    await leaving.publishAsync('hello', '', { qos: 1 })
    await first.end(signal)

    await startHubProcess([...args, '--mqtt', `${first.mqtt}`])
    const told = async () => (await runCommand(['history', 'told/#', '--json'], { cwd: folder })).out
    await vi.waitFor(async () => expect(await told()).not.toBe(''), { timeout: 60_000, interval: 200 })
    const events = (await told()).trim().split('\n')
    expect(events.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { topic: 'told/leaving', payload: 'lost' },
    ])
  },
)
