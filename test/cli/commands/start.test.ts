// `vigie start` as an operator meets it: what it says when all is well, and when something is wrong.
//
// Covers `src/main.ts`, `src/http.ts`.

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { vigie, vigieJson } from '../../support/cli.ts'
import { watchRuns } from '../../support/runs.ts'
import { BIN, spawnHub, startHubProcess, temporaryFolder } from '../../support/hub.ts'
import type { HubProcess } from '../../support/hub.ts'
import { forAllTests } from '../../support/lifetime.ts'
import { runCommand } from '../../support/terminal.ts'
import { itWith } from '../../support/tools.ts'

const HELLO = `import { rule, shell } from 'vigie'
export default rule('hello', { on: 'hello/+name', do: ({ params }) => [shell\`echo \${params.name}\`] })`

describe('a hub on its rules', () => {
  let hub: HubProcess
  let data: string
  let rules: string
  beforeAll(
    forAllTests(async () => {
      const folder = temporaryFolder()
      data = join(folder, 'data')
      rules = join(folder, 'rules')
      mkdirSync(rules)
      writeFileSync(join(rules, 'hello.ts'), HELLO)
      writeFileSync(
        join(rules, 'broken.ts'),
        `import { rule } from 'vigie'\n\nexport default rule('broken', { on: }`,
      )
      hub = await startHubProcess(['--data', data, '--rules', rules])
    }),
  )

  it('says what listens where, which rules are loaded, and where the data lies', () => {
    const said = hub.lines.map(({ msg }) => msg).join('\n')
    expect(said).toContain(`mqtt://127.0.0.1:${hub.mqtt}`)
    expect(said).toContain(`http://127.0.0.1:${hub.http}`)
    expect(said).toContain('hello')
    expect(said).toContain(`vigie pub --hub mqtt://127.0.0.1:${hub.mqtt} hello/you`)
    expect(said).toContain(rules)
    expect(said).toContain(data)
  })

  it('says where a rule file has a syntax error, and goes on with the others', async () => {
    expect(hub.lines.some(({ msg }) => /broken\.ts:3/.test(msg))).toBe(true)
    const { client, ended } = await watchRuns(hub.mqtt)
    await client.publishAsync('hello/you', 'good morning', { qos: 1 })
    expect(await ended('hello')).toMatchObject({ state: 'done' })
  })

  it('answers on HTTP: health, status, events and runs', async () => {
    const at = `http://127.0.0.1:${hub.http}`
    const health = await fetch(`${at}/healthz`)
    expect([health.status, await health.json()]).toEqual([
      503,
      expect.objectContaining({ ok: false, conditions: expect.objectContaining({ engine: null }) }),
    ])
    expect(await (await fetch(`${at}/api/events?filter=hello/%2B`)).json()).toMatchObject([
      { topic: 'hello/you', payload: 'good morning' },
    ])
    expect(await (await fetch(`${at}/api/runs`)).json()).toMatchObject([{ rule: 'hello', state: 'done' }])
    expect(await (await fetch(`${at}/api/status`)).json()).toMatchObject({ store: { runs: { done: 1 } } })
    const wrong = await fetch(`${at}/api/events?filter=a/b%23`)
    expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining('#')])
  })

  it('goes on at SIGHUP, which asks daemons to read their files again, and says that it has nothing to do', async () => {
    process.kill(hub.pid, 'SIGHUP')
    const said = await hub.line(({ msg }) => msg.startsWith('SIGHUP'))
    expect(said.msg).toContain('reads rules, users and certificates again')
    expect((await fetch(`http://127.0.0.1:${hub.http}/api/runs`)).status).toBe(200)
  })

  it('shares its data folder with no other hub, which names the holder', async () => {
    const second = spawnHub(['--data', data, '--rules', rules])
    expect((await second.ended).code).toBe(1)
    expect(second.output()).toContain(data)
    expect(second.output()).toContain(String(hub.pid))
    expect(second.noise).toHaveLength(1)
  })

  it('keeps events and runs over a stop and a start, and says for how long nobody watched', async () => {
    expect(await hub.end('SIGTERM')).toEqual({ code: 0, signal: null })
    const second = await startHubProcess(['--data', data, '--rules', rules])
    expect((await second.line(({ msg }) => msg.startsWith('No hub ran for '))).msg).toMatch(
      /^.*\(since [^()]*\)\.$/,
    )
    expect(await vigieJson('history', 'hello/#', '--data', data)).toMatchObject([
      { topic: 'hello/you', payload: 'good morning', qos: 1, origin: 'live' },
    ])
    expect(await vigieJson('runs', '--data', data)).toMatchObject([
      { rule: 'hello', state: 'done', steps: [{ outcome: { result: { exitCode: 0, stdout: 'you\n' } } }] },
    ])
    expect((await second.end('SIGINT')).code).toBe(0)
  })
})

let folder: string
let data: string
let rules: string

beforeEach(() => {
  folder = temporaryFolder()
  data = join(folder, 'data')
  rules = join(folder, 'rules')
  mkdirSync(rules)
})

it('leaves no folder for compiled code where nobody knows a home', async () => {
  const env = { ...process.env, HOME: undefined, XDG_CACHE_HOME: undefined, NODE_COMPILE_CACHE: undefined }
  execFileSync(process.execPath, [BIN, '--version'], { cwd: folder, env })
  expect(readdirSync(folder)).toEqual(['rules'])
})

it('names a taken port and what to do about it', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as AddressInfo
  const hub = spawnHub(['--data', data, '--rules', rules, '--mqtt', String(port)])
  expect((await hub.ended).code).toBe(1)
  expect(hub.output()).toContain(`Port ${port} on 127.0.0.1 is taken by another program`)
  expect(hub.output()).toContain('--mqtt')
  expect(hub.noise).toHaveLength(1)
})

itWith('Linux')('ends where no data folder can be made, and says which', async () => {
  const hub = spawnHub(['--data', '/proc/vigie/data', '--rules', rules])
  expect((await hub.ended).code).toBe(1)
  expect(hub.noise).toEqual([
    expect.stringMatching(/^vigie: The data folder \/proc\/vigie\/data cannot be used \(ENOENT: .*--data\.$/),
  ])
})

it('names file, key and what was probably meant when the configuration has a typo', async () => {
  const file = join(folder, 'vigie.config.ts')
  writeFileSync(
    file,
    `import { defineConfig } from 'vigie'\nexport default defineConfig({ mqqt: { port: 1 } })`,
  )
  const hub = spawnHub(['--data', data, '--rules', rules, '--config', file])
  expect((await hub.ended).code).toBe(78)
  expect(hub.output()).toContain(`${file} is not a valid configuration:`)
  expect(hub.output()).toContain('mqqt: there is no such setting; did you mean "mqtt"?')
})

it.each([
  ['a syntax error', 'export default {\n  data: ,\n}', ':2:9 could not be loaded: Expression expected'],
  ['an error that it throws', '\nexport default undefined.x', ':2:26 could not be loaded: Cannot read'],
])('names file, line and column when the configuration has %s', async (_, text, sentence) => {
  const file = join(folder, 'vigie.config.ts')
  writeFileSync(file, text)
  const hub = spawnHub(['--data', data, '--rules', rules, '--config', file])
  expect((await hub.ended).code).toBe(78)
  expect(hub.noise).toEqual([expect.stringContaining(`vigie: ${file}${sentence}`)])
})

it('says that the rules folder is missing and what to do, and loads its rules as soon as it is there', async () => {
  const late = join(folder, 'late')
  const hub = await startHubProcess(['--data', data, '--rules', late])
  expect(hub.lines.filter(({ level }) => level === 'error').map(({ msg }) => msg)).toEqual([
    `There is no rules folder ${late}. Create it (it may be empty), or name another one with --rules.`,
    'Until the rules can be read, no event is evaluated. The journal keeps all events until then.',
  ])
  mkdirSync(late)
  writeFileSync(join(late, 'hello.ts'), HELLO)
  await hub.line(({ msg }) => msg === '1 rule in force: hello.')
})

it('lets flags win over the configuration file', async () => {
  const file = join(folder, 'vigie.config.ts')
  writeFileSync(
    file,
    `import { defineConfig } from 'vigie'\nexport default defineConfig({ data: './elsewhere', history: { exclude: ['noise/#'] } })`,
  )
  const hub = await startHubProcess(['--data', data, '--rules', rules, '--config', file])
  const client = await connectAsync(`mqtt://127.0.0.1:${hub.mqtt}`)
  await client.publishAsync('noise/a', '1', { qos: 1 })
  await client.publishAsync('signal/a', '2', { qos: 1 })
  await client.endAsync()
  expect(await vigieJson('history', '+/a', '--data', data)).toMatchObject([{ topic: 'signal/a', payload: 2 }])
})

it('explains itself when there is no history yet, or the command is not known', async () => {
  expect(await runCommand(['history', '--data', data])).toMatchObject({
    status: 1,
    error: expect.stringContaining(`There is no history in ${data} yet.`),
  })
  expect(await vigie('histroy')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('Did you mean history?'),
  })
  expect(await runCommand(['history', '--limit', 'x'])).toMatchObject({ status: 2 })
  expect(await runCommand(['history', '--limit', '1e300'])).toMatchObject({ status: 2 })
})

it('refuses one folder for data and rules, by whatever way', async () => {
  symlinkSync(rules, join(folder, 'same'))
  for (const other of [rules, join(folder, 'same')]) {
    const hub = spawnHub(['--data', other, '--rules', rules])
    expect(await hub.ended).toMatchObject({ code: expect.any(Number), signal: null })
    expect(hub.noise).toEqual([
      expect.stringMatching(/cannot be the folder of the data and that of the rules: /),
    ])
  }
})

it('says which configuration file cannot be read', async () => {
  const hub = spawnHub(['--config', rules])
  expect((await hub.ended).code).toBe(78)
  expect(hub.noise).toEqual([expect.stringContaining(`${rules} cannot be read: it is a folder, not a file.`)])
})
