import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { localSecond } from '../../../src/base/local-time.ts'
import { leaveAddress } from '../../../src/config/hub-file.ts'
import type { PingStatus } from '../../../src/model/probe.ts'
import { startHubProcess, temporaryFolder } from '../../support/hub.ts'
import { longTest } from '../../support/long-test.ts'
import { runCommand } from '../../support/terminal.ts'

let folder: string
let data: string
beforeEach(() => {
  folder = temporaryFolder()
  data = join(folder, 'data')
  mkdirSync(data)
})

const NOW = Date.UTC(2026, 10, 22, 12)
const iso = (agoMs: number): string => new Date(NOW - agoMs).toISOString()
const list = (...args: string[]) => runCommand(['pings', ...args], { cwd: folder, now: () => NOW })

/** A hub with these pings; without them its engine does not answer. */
async function pretend(pings: readonly PingStatus[] | null): Promise<void> {
  const status = { engine: { now: pings && { pings } } }
  const server = createServer((_request, answer) => answer.end(JSON.stringify(status))).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  leaveAddress(data, { pid: process.pid, http: `http://127.0.0.1:${port}`, mqtt: null })
}

const ping = (name: string, more: Partial<PingStatus> = {}): PingStatus => ({
  name,
  kind: 'host',
  state: 'up',
  since: iso(60_000),
  latencyMs: 12.345,
  reason: '',
  checkedAt: iso(1_000),
  nextAt: iso(-29_000),
  mutedBy: null,
  isUnable: false,
  ...more,
})

test('lists those that need somebody first, with what is the matter', async () => {
  await pretend([
    ping('router', { latencyMs: 0.42 }),
    ping('nas', { kind: 'tcp', state: 'unreachable', reason: '"router" is down', mutedBy: 'router' }),
    ping('new', { state: 'unknown', since: null, latencyMs: null, nextAt: null }),
    ping('site', { kind: 'url', state: 'down', reason: 'it answers with 503' }),
  ])
  const { status, out } = await list()
  const since = localSecond(NOW - 60_000)
  expect(out.split('\n').map((line) => line.trimEnd())).toEqual([
    'ping           state        since                latency  next check  reason',
    `site (url)     down         ${since}  12 ms    in 29s      it answers with 503`,
    `nas (tcp)      unreachable  ${since}  12 ms    in 29s      "router" is down (muted by router)`,
    'new (host)     unknown      -                    -        now',
    `router (host)  up           ${since}  0.42 ms  in 29s`,
    '',
  ])
  expect(status).toBe(1)
})

test('gives one JSON object a line, and succeeds when none is down', async () => {
  const all = [ping('router'), ping('lamp', { state: 'flapping' })]
  await pretend(all)
  const { status, out } = await list('--json')
  expect(
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([all[1], all[0]])
  expect(status).toBe(0)
})

test('says so when there is no ping, no engine or no hub', async () => {
  await pretend([])
  expect(await list()).toMatchObject({ status: 0, out: 'The rules declare no ping.\n' })
  await pretend(null)
  expect((await list()).error).toContain('The engine of the hub does not answer')
  const none = await runCommand(['pings'], { cwd: temporaryFolder() })
  expect(none.error).toContain('No hub runs on')
})

longTest('lists the pings of a real hub; a reload ends what their checks have started', async () => {
  const rules = join(folder, 'rules')
  const [file, pids] = [join(rules, 'a.ts'), join(folder, 'pids')]
  mkdirSync(rules)
  const declared = (command: readonly string[]): string =>
    `import { ping } from 'vigie'\nexport const a = ping('a', { command: ${JSON.stringify(command)}, timeout: '1h', every: '1h' })\n`
  writeFileSync(file, declared(['/bin/sh', '-c', `sleep 600 & echo $$ $! > ${pids}; wait`]))
  const hub = await startHubProcess(['--data', data, '--rules', rules])
  const lines = async (): Promise<string> => (await runCommand(['pings'], { cwd: folder })).out
  await expect.poll(lines, { timeout: 30_000 }).toMatch(/^a \(command\) +unknown +- +- +now$/m)
  await expect
    .poll(() => existsSync(pids) && readFileSync(pids, 'utf8') !== '', { timeout: 30_000 })
    .toBe(true)
  const started = readFileSync(pids, 'utf8').trim().split(' ')
  expect(started.filter(isRunning)).toEqual(started)
  writeFileSync(file, declared(['true']))
  await expect.poll(lines, { timeout: 30_000 }).toMatch(/^a \(command\) +up /m)
  await expect.poll(() => started.filter(isRunning)).toEqual([])
  await hub.end('SIGTERM')
})

/** A zombie has ended; whoever adopts orphans may not have collected it yet. */
function isRunning(pid: string): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
