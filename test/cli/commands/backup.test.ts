import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { expect, it } from 'vitest'
import { vigie, vigieJson } from '../../support/cli.ts'
import { startHubProcess, temporaryFolder } from '../../support/hub.ts'
import { whenOver } from '../../support/lifetime.ts'
import { runCommand } from '../../support/terminal.ts'

it('restores what the hub had acknowledged before the backup, after the hub was killed', async () => {
  const [data, rules, safe, restored] = [
    temporaryFolder(),
    temporaryFolder(),
    temporaryFolder(),
    temporaryFolder(),
  ]
  const hub = await startHubProcess(['--data', data, '--rules', rules])
  const client = await connectAsync(`mqtt://127.0.0.1:${hub.mqtt}`)
  whenOver(() => client.endAsync(true))
  await client.publishAsync('house/door', 'open', { qos: 1, retain: true })
  let sent = 0
  const stopping = new AbortController()
  const publish = (): Promise<unknown> => client.publishAsync('house/count', `${++sent}`, { qos: 1 })
  for (let count = 0; count < 50; count++) await publish()
  const acknowledged = sent
  const stream = (async () => {
    while (!stopping.signal.aborted) await publish()
  })()
  const file = join(safe, 'vigie.db')
  const { stdout, exitCode } = await vigie('backup', file, '--data', data)
  stopping.abort()
  await stream
  expect(stdout).toMatch(/^Wrote \S*vigie\.db: [\d,]+ events up to #\d+, .*, checked\.$/)
  expect(exitCode).toBe(0)
  await hub.end('SIGKILL')

  copyFileSync(file, join(restored, 'journal.db'))
  const again = await startHubProcess(['--data', restored, '--rules', rules])
  const subscriber = await connectAsync(`mqtt://127.0.0.1:${again.mqtt}`)
  whenOver(() => subscriber.endAsync(true))
  const retained = new Promise<string>((resolve) =>
    subscriber.once('message', (_topic, payload) => resolve(payload.toString())),
  )
  await subscriber.subscribeAsync('house/door')
  expect(await retained).toBe('open')
  const found = await vigieJson<{ payload: number }>(
    'history',
    'house/count',
    '-n',
    '100000',
    '--data',
    restored,
  )
  const counts = found.map(({ payload }) => payload)
  expect(counts).toEqual(Array.from(counts, (_, index) => index + 1))
  expect(counts.length).toBeGreaterThanOrEqual(acknowledged)
})

it('names what is missing', async () => {
  const data = temporaryFolder()
  expect((await runCommand(['backup', 'x.db', '--data', data])).error).toMatch(/There is no journal in/)
})
