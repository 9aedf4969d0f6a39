// What docs/processes.md shows is what works: its file loads, and its watches and its command do what the text says.

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test, vi } from 'vitest'
import { COMMAND_VERBS } from '../../src/model/command.ts'
import { simulate } from '../../src/testing.ts'
import { ROOT, temporaryFolder } from '../support/hub.ts'
import { runCommand } from '../support/terminal.ts'

vi.setConfig({ testTimeout: 60_000 })

const text = readFileSync(join(ROOT, 'docs', 'processes.md'), 'utf8')

function written(): string {
  const folder = temporaryFolder()
  const [, code = ''] = /^```ts\n\/\/ rules\/processes\.ts\n([^]*?)^```$/m.exec(text) ?? []
  mkdirSync(join(folder, 'rules'))
  writeFileSync(join(folder, 'rules', 'processes.ts'), code)
  return folder
}

test('its example passes the check, types included', async () => {
  const { status, out } = await runCommand(['check', 'rules'], { cwd: written() })
  expect(out).toMatch(/^0 rules, 5 watches, 1 command, 0 errors, 0 warnings\.$/m)
  expect(status).toBe(0)
})

test('its watches and its command do what it says', async () => {
  const folder = written()
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(ROOT, join(folder, 'node_modules', 'vigie'))
  const rules = (await import(pathToFileURL(join(folder, 'rules', 'processes.ts')).href)) as object
  const hub = simulate({ ...rules })
  const identity = { boot: 'b', pid: 7, startTicks: 9 }
  const process = { identity, pid: 7, name: 'ffmpeg', meantUser: 'media', commandLine: 'ffmpeg -i x' }
  await hub.publish('vigie/process/busy-ffmpeg/7', process)
  await hub.publish('vigie/process/old-ffmpeg/7', process)
  const missing = { count: 0, wanted: 1, attempt: 1, attempts: 5 }
  for (const state of ['missing', 'given-up', 'back'])
    await hub.publish('vigie/process/worker/missing', { state, ...missing })
  await hub.publish('vigie/clients/phone', { user: 'anna' })
  await hub.publish('vigie/commands/ffmpeg/kill', { dryRun: true }, { client: 'phone' })
  expect(hub.actions).toMatchObject([
    { kind: 'renice', nice: 10, target: { identity }, users: ['media'] },
    { kind: 'kill', target: { identity }, users: ['media'], descendants: true },
    { kind: 'alert', key: 'old-ffmpeg' },
    { kind: 'restart', argv: ['/usr/bin/worker', '--queue', 'mail'] },
    { kind: 'alert', key: 'worker', resolve: false },
    { kind: 'alert', key: 'worker', resolve: true },
    { kind: 'kill', target: { watch: 'busy-ffmpeg' }, dryRun: true },
    { kind: 'publish', topic: 'vigie/commands/ffmpeg/result' },
  ])
})

test('it names each verb of commands', () => {
  expect(COMMAND_VERBS.filter((verb) => !text.includes(`\`${verb}\``))).toEqual([])
})
