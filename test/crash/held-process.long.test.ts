// A hub that is killed while a process is over its limit, and has not been for long enough: the next hub counts on.

import { connectAsync } from 'mqtt'
import { spawn } from 'node:child_process'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { startHubProcess, temporaryFolder } from '../support/hub.ts'

const HOLD_MS = 10_000
/** How long the first hub has seen the process when it is killed. */
const SEEN_MS = 7_000

it('acts once, after the rest of the time', { timeout: 120_000 }, async () => {
  const rules = temporaryFolder()
  const program = join(rules, 'held')
  copyFileSync('/bin/sleep', program)
  const target = spawn(program, ['100'])
  onTestFinished(() => void target.kill('SIGKILL'))
  const name = `held-${process.pid}`
  writeFileSync(
    join(rules, 'r.ts'),
    `import { publish, watch } from 'vigie'
     export default watch('${name}', {
       process: { commandLine: new RegExp('^' + ${JSON.stringify(program)}) },
       memory: { above: '1KiB', for: '${HOLD_MS}ms' },
       do: ({ process }) => publish('acted', String(process.pid), { qos: 1 }),
     })`,
  )
  const data = temporaryFolder()
  const start = () => startHubProcess(['--data', data, '--rules', rules])

  const first = await start()
  const client = await connectAsync(`mqtt://127.0.0.1:${first.mqtt}`, {
    reconnectPeriod: 0,
    clientId: 'witness',
    clean: false,
  })
  await client.subscribeAsync('acted', { qos: 1 })
  await pause(SEEN_MS)
  await first.end('SIGKILL')
  await client.endAsync(true)

  const second = await start()
  const readyAt = performance.now()
  const acted: string[] = []
  const again = await connectAsync(`mqtt://127.0.0.1:${second.mqtt}`, {
    reconnectPeriod: 0,
    clientId: 'witness',
    clean: false,
  })
  onTestFinished(() => again.endAsync(true))
  again.on('message', (_topic, payload) => acted.push(String(payload)))
  while (acted.length === 0 && performance.now() - readyAt < 2 * HOLD_MS) await pause(50)
  expect(performance.now() - readyAt).toBeLessThan(HOLD_MS - 1_000)
  await pause(HOLD_MS - SEEN_MS + 1_000)
  expect(acted).toEqual([String(target.pid)])
})
