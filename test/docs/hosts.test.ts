// What docs/hosts.md shows is what works: its rules load and do what the text says, its options are those of the
// agent, its numbers those of the code, and systemd takes its unit.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test, vi } from 'vitest'
import { needs } from '../../src/agent/line.ts'
import { agent } from '../../src/cli/commands/agent.ts'
import { simulate } from '../../src/testing.ts'
import { ROOT, temporaryFolder } from '../support/hub.ts'
import { runCommand } from '../support/terminal.ts'
import { itWith } from '../support/tools.ts'

vi.setConfig({ testTimeout: 60_000 })

const page = readFileSync(join(ROOT, 'docs', 'hosts.md'), 'utf8')
const block = (kind: string): string => new RegExp(`^\`\`\`${kind}\\n([^]*?)^\`\`\`$`, 'm').exec(page)![1]!

function written(): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'rules'))
  writeFileSync(join(folder, 'rules', 'nas.ts'), block('ts'))
  return folder
}

test('its rules pass the check, types included', async () => {
  const { status, out } = await runCommand(['check', 'rules'], { cwd: written() })
  expect(out).toMatch(/^3 rules, 2 pings, 2 watches, 1 host, 1 command, 0 errors, 0 warnings\.$/m)
  expect(status).toBe(0)
})

test('its rules do what the text says', async () => {
  const folder = written()
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(ROOT, join(folder, 'node_modules', 'vigie'))
  const rules = (await import(pathToFileURL(join(folder, 'rules', 'nas.ts')).href)) as object
  const hub = simulate({ ...rules })
  const since = '2026-01-01T00:00:00.000Z'
  const identity = { boot: 'b', pid: 7, startTicks: 9 }
  const process = {
    identity,
    pid: 7,
    ppid: 1,
    name: 'ffmpeg',
    user: 'media',
    meantUser: 'media',
    state: 'running',
    commandLine: 'ffmpeg',
    ageMs: 1,
    memoryBytes: 1,
    cpuPercent: 99,
    parent: null,
  }
  const missing = { state: 'missing', count: 0, wanted: 1, attempt: 1, attempts: 5 }
  const online = {
    state: 'online',
    reason: '',
    protocol: 1,
    version: '1',
    since,
    refused: {},
    problem: '',
    lost: 0,
  }
  const say = (n: number, topic: string, payload: object) =>
    hub.publish('vigie/hosts/nas/said', { store: 's', n, topic, payload })
  await hub.publish('vigie/hosts/nas/agent', online)
  await say(1, 'ping/smb', { state: 'down', previous: 'up', since, latencyMs: null, reason: 'inactive' })
  await say(2, 'process/runaway-ffmpeg/7', process)
  await say(3, 'process/nas-worker/missing', missing)
  await hub.publish('backup/done')
  await hub.publish('vigie/hosts/nas/agent', {
    ...online,
    state: 'offline',
    reason: 'the connection to it was lost',
  })
  expect(hub.actions.filter(({ kind }) => kind !== 'publish')).toMatchObject([
    { kind: 'alert', key: 'host-nas', resolve: true },
    { kind: 'alert', key: 'smb' },
    { kind: 'kill', host: 'nas', target: { identity }, users: ['media'] },
    { kind: 'alert', title: 'Ended ffmpeg on the NAS' },
    { kind: 'restart', host: 'nas' },
    { kind: 'shell', host: 'nas', argv: ['/usr/local/bin/snapshot', 'tank'] },
    { kind: 'alert', key: 'host-nas', severity: 'critical' },
  ])
})

test('it names each option of the agent, and the permissions that the agent asks for', () => {
  const options = agent.options.map(({ long }) => long!)
  expect(options.filter((option) => !page.includes(`\`${option}`))).toEqual([])
  expect(needs('vigie', 'nas', '')).toContain(block('json').trim())
})

itWith('systemd-analyze')('its unit is one that systemd takes', () => {
  const file = join(temporaryFolder(), 'vigie-agent.service')
  writeFileSync(file, block('ini').replace('/usr/bin/vigie', '/bin/true'))
  execFileSync('systemd-analyze', ['verify', '--man=no', file], { stdio: 'pipe' })
})
