import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { connectAsync } from 'mqtt'
import { expect, it, onTestFinished, vi } from 'vitest'
import { startHubProcess, temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'

vi.setConfig({ testTimeout: 120_000 })

const typed = (text: string) => () => Object.assign(new PassThrough().end(`${text}\n`), { isTTY: true })

it('lists what is retained, and clears it when that is confirmed, the topics of the hub too', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'rules'))
  const hub = await startHubProcess(['--data', join(folder, 'data'), '--rules', join(folder, 'rules')])
  const client = await connectAsync({ port: hub.mqtt, clientId: 'lamp' })
  onTestFinished(() => client.endAsync(true))
  await client.publishAsync('a/1', '{"id":1724442618569203714}', { qos: 1, retain: true })
  await client.publishAsync('a/2', 'two', { qos: 1, retain: true })
  const retained = (args: string[], input = typed('n')) =>
    runCommand(['retained', ...args], { cwd: folder, input })

  const { out } = await retained(['list', '--json'])
  expect(out.split('\n').slice(0, 2)).toEqual([
    expect.stringContaining('{"topic":"a/1","payload":{"id":1724442618569203714},"encoding":"json"'),
    expect.stringContaining('{"topic":"a/2","payload":"two","encoding":"text"'),
  ])
  expect((await retained(['list', 'vigie/#'])).out).toMatch(/vigie\/clients\/lamp .*\n.*vigie\/hub\/rules /)

  expect(await retained(['rm', 'a/#'])).toEqual({
    status: 1,
    out: '',
    error: 'Clear 2 retained messages on a/#? [y/N] Nothing was cleared.\n',
  })
  expect(
    await retained(['rm', 'a/#'], () => Object.assign(new PassThrough().end(), { isTTY: false })),
  ).toEqual({
    status: 1,
    out: '',
    error: 'vigie: 2 retained messages on a/#: nothing was cleared. Add --yes to clear them.\n',
  })
  expect(await retained(['rm', 'a/1'], typed('y'))).toMatchObject({
    status: 0,
    out: 'Cleared 1 retained message.\n',
  })
  expect(await retained(['rm', '#', '--yes'])).toMatchObject({
    status: 0,
    out: 'Cleared 1 retained message.\n',
  })
  expect(await retained(['rm', 'vigie/clients/lamp', '--yes'])).toMatchObject({ status: 0 })
  expect((await retained(['list', 'vigie/#', '--json'])).out).not.toContain('clients')
  expect(await retained(['rm', '#', '--yes'])).toMatchObject({
    status: 1,
    error: expect.stringContaining('No retained message matches #. A filter that begins with a wildcard'),
  })
  const { out: events } = await runCommand(['history', 'a/1', '--json'], { cwd: folder })
  expect(JSON.parse(events.split('\n')[1]!)).toMatchObject({
    payload: '',
    retain: true,
    origin: 'http',
    client: null,
  })
})

it.each([
  [['drop', 'a'], 'knows "list" and "rm", not "drop"'],
  [['rm'], 'Name the topics'],
  [['rm', 'a#'], '# must stand alone'],
  [['list', 'a/+x'], '+ must be a whole level'],
  [['rm', 'a'], 'No hub runs on'],
])('refuses %j with a sentence', async (args, sentence) => {
  const { status, error } = await runCommand(['retained', ...args], { cwd: temporaryFolder() })
  expect(error).toContain(sentence)
  expect(status).toBe(1)
})
