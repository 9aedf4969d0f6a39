import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { localSecond } from '../../../src/base/local-time.ts'
import { leaveAddress } from '../../../src/config/hub-file.ts'
import type { BridgeStatus } from '../../../src/model/bridge.ts'
import { temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'

let folder: string
let data: string
beforeEach(() => {
  folder = temporaryFolder()
  data = join(folder, 'data')
  mkdirSync(data)
})

const SINCE = Date.UTC(2026, 10, 22, 12)
const list = (...args: string[]) => runCommand(['bridges', ...args], { cwd: folder, now: () => SINCE })

async function pretend(bridges: readonly BridgeStatus[]): Promise<void> {
  const server = createServer((_request, answer) => answer.end(JSON.stringify({ bridges })))
  server.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  leaveAddress(data, { pid: process.pid, http: `http://127.0.0.1:${port}`, mqtt: null })
}

const bridge = (name: string, more: Partial<BridgeStatus> = {}): BridgeStatus => ({
  name,
  state: 'connected',
  since: SINCE,
  address: 'mqtt://x:1883',
  version: '5.0',
  reason: null,
  sent: 12,
  received: 3,
  behind: 0,
  lost: 0,
  dropped: { loop: 0, refused: 0, expired: 0, 'too-large': 0, untranslatable: 0, unrouted: 0 },
  ...more,
})

test('lists those that need somebody first, with what is the matter', async () => {
  await pretend([
    bridge('cloud'),
    bridge('office', {
      state: 'waiting',
      reason: 'mqtt://y: nothing listens there.',
      version: null,
      behind: 7,
      lost: 2,
      dropped: { loop: 1, refused: 4, expired: 0, 'too-large': 0, untranslatable: 0, unrouted: 0 },
    }),
  ])
  const { out, status } = await list()
  const at = localSecond(SINCE)
  expect(out.split('\n').slice(1)).toEqual([
    `office  waiting    ${at}  -         12    3         7       mqtt://x:1883`,
    '  mqtt://y: nothing listens there.',
    '  lost: 2 that history forgot before the other side had acknowledged them',
    '  not passed on: 1 loop, 4 refused',
    `cloud   connected  ${at}  MQTT 5.0  12    3         0       mqtt://x:1883`,
    '',
  ])
  expect(status).toBe(1)
})

test('is content with bridges that are up, or idle on demand', async () => {
  await pretend([bridge('cloud'), bridge('office', { state: 'idle' })])
  expect((await list()).status).toBe(0)
  expect(
    (await list('--json')).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
  ).toMatchObject([
    { name: 'cloud', sent: 12 },
    { name: 'office', state: 'idle' },
  ])
})

test('says that there is none', async () => {
  await pretend([])
  expect(await list()).toMatchObject({ out: 'The configuration names no bridge.\n', status: 0 })
})
