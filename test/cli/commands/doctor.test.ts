// `vigie doctor` on folders that are well, and on folders with one thing wrong each.
//
// Covers `src/cli/doctor/finding.ts`, `src/cli/doctor/folders.ts`, `src/cli/doctor/machine.ts`,
// `src/cli/doctor/ports.ts`, `src/cli/doctor/services.ts`.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { examineDescriptors, limitIn } from '../../../src/cli/doctor/machine.ts'
import type { Finding } from '../../../src/cli/doctor/finding.ts'
import { secretsIn } from '../../../src/cli/doctor/services.ts'
import { openBench } from '../../journal/fixtures.ts'
import { event } from '../../journal/nouns.ts'
import { Authority } from '../../support/certificates.ts'
import { startHubProcess, temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'
import { itWith } from '../../support/tools.ts'

let folder: string
let mqtt: number
let http: number

beforeEach(async () => {
  folder = temporaryFolder()
  mkdirSync(join(folder, 'rules'))
  const servers = [await listening(), await listening()]
  const [one, other] = servers.map(({ port }) => port)
  for (const { close } of servers) await close()
  mqtt = one!
  http = other!
})

async function listening(): Promise<{ readonly port: number; readonly close: () => Promise<unknown> }> {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    if (!server.listening) return
    server.close()
    await once(server, 'close')
  }
  onTestFinished(close)
  return { port: (server.address() as AddressInfo).port, close }
}

const configure = (more = '', head = ''): void =>
  writeFileSync(
    join(folder, 'vigie.config.ts'),
    `${head}\nexport default { mqtt: { port: ${mqtt} }, http: { port: ${http} }, ${more} }`,
  )

async function examined(): Promise<{ readonly status: number; readonly findings: readonly Finding[] }> {
  const { status, out, error } = await runCommand(['doctor', '--json'], { cwd: folder })
  expect(error).toBe('')
  return {
    status,
    findings: out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Finding),
  }
}

/** The only finding that is wrong. */
async function wrong(): Promise<Finding> {
  const { status, findings } = await examined()
  const [first, ...others] = findings.filter(({ state }) => state === 'bad')
  expect(others).toEqual([])
  expect(status).toBe(1)
  expect(first?.mend).not.toBe('')
  return first!
}

it('finds nothing wrong with a fresh folder, and says what it looked at', async () => {
  configure()
  const { status, findings } = await examined()
  expect(findings.filter(({ state }) => state === 'bad')).toEqual([])
  expect(status).toBe(0)
  const abouts = findings.map(({ about }) => about)
  for (const about of [
    'settings',
    'node',
    'clock',
    'files',
    'ping',
    `port ${mqtt}`,
    'data',
    'disk',
    'users',
    'rules',
  ])
    expect(abouts).toContain(about)
  const { out } = await runCommand(['doctor'], { cwd: folder })
  expect(out).toMatch(/^ok      settings: .* is valid\.$/m)
  expect(out).toMatch(/\nNothing is wrong\. Warnings: \d+\.\n$/)
})

it('says what is wrong with the configuration, on which the rest depends', async () => {
  writeFileSync(join(folder, 'vigie.config.ts'), 'export default { mqqt: {} }')
  expect(await wrong()).toMatchObject({ about: 'settings', says: expect.stringContaining('mean "mqtt"') })
})

itWith('Linux')('says who has taken a port', async () => {
  const { port } = await listening()
  mqtt = port
  configure()
  const { says } = await wrong()
  expect(says).toContain(`127.0.0.1:${port} is taken by `)
  expect(says).toContain(`(pid ${process.pid})`)
})

it('names the program that has the UDP port of MQTT-SN', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  onTestFinished(() => void socket.close())
  await once(socket, 'listening')
  const { port } = socket.address()
  writeFileSync(
    join(folder, 'vigie.config.ts'),
    `export default { listeners: [{ type: 'mqtt-sn', port: ${port} }], http: { port: ${http} } }`,
  )
  expect(await wrong()).toMatchObject({
    about: `UDP port ${port}`,
    says: expect.stringMatching(`127.0.0.1:${port} is taken by .*\\(pid ${process.pid}\\)`),
  })
})

it('takes the ports of the hub that runs on the folder for its own, and asks how it is', async () => {
  const hub = await startHubProcess(['--data', join(folder, 'data'), '--rules', join(folder, 'rules')])
  mqtt = hub.mqtt
  http = hub.http
  configure()
  const { status, findings } = await examined()
  expect(findings.find(({ about }) => about === `port ${mqtt}`)?.says).toContain('the hub listens on')
  expect(findings.find(({ about }) => about === 'data')?.says).toContain(
    `The hub of process ${hub.pid} uses it.`,
  )
  expect(findings.at(-1)).toMatchObject({ about: 'hub', says: `The hub of process ${hub.pid} is well.` })
  expect(status).toBe(0)
})

it('names the rule file that does not load, or that the folder is missing', async () => {
  configure()
  writeFileSync(join(folder, 'rules', 'door.ts'), 'export default {')
  expect(await wrong()).toMatchObject({ about: 'rules', says: expect.stringContaining('rules/door.ts:1') })
  configure("rules: './elsewhere'")
  expect((await wrong()).says).toContain('There is no rules folder')
})

it('names the secrets that rules and channels name and nobody has set', async () => {
  const head = `import { secret } from 'vigie'\nimport { pushover } from 'vigie/channels'`
  configure(
    `alerts: { channels: { p: pushover({ token: secret('VIGIE_T_A'), user: secret('VIGIE_T_B') }) } }`,
    head,
  )
  writeFileSync(
    join(folder, 'rules', 'hook.ts'),
    `import { secret } from 'vigie'\nexport const s = () => secret('VIGIE_T_C')`,
  )
  vi.stubEnv('VIGIE_T_B', 'known')
  onTestFinished(() => void vi.unstubAllEnvs())
  const { findings } = await examined()
  const missing = findings.filter(({ about }) => about === 'secrets').map(({ says }) => says)
  expect(missing).toEqual([
    expect.stringMatching(/^Secret VIGIE_T_C is not set: .* rules\/hook\.ts names it\.$/),
    expect.stringMatching(/^Secret VIGIE_T_A is not set: .* the channel "p" names it\.$/),
  ])
})

it('connects to the server of a channel, and tells nobody', async () => {
  const { port, close } = await listening()
  const head = `import { ntfy } from 'vigie/channels'`
  configure(
    `alerts: { channels: { phone: ntfy({ topic: 'home', server: 'http://127.0.0.1:${port}' }) } }`,
    head,
  )
  const reached = (await examined()).findings.find(({ about }) => about === 'channel phone')
  expect(reached).toMatchObject({
    state: 'good',
    says: expect.stringContaining(`127.0.0.1:${port} answers.`),
  })
  await close()
  expect(await wrong()).toMatchObject({
    about: 'channel phone',
    says: expect.stringMatching(
      new RegExp(`^127\\.0\\.0\\.1:${port} cannot be reached: the connection was refused`),
    ),
  })
})

itWith('openssl')('says when a certificate cannot be used, or ends soon', async () => {
  const certificates = new Authority(folder).sign('localhost')
  const listener = (key: string): string =>
    `mqtt: undefined, listeners: [{ type: 'tls', port: ${mqtt}, cert: ${JSON.stringify(certificates.cert)}, key: '${key}' }]`
  configure(listener(certificates.key))
  expect((await examined()).findings.find(({ about }) => about === 'tls')?.state).not.toBe('bad')
  configure(listener('./missing.key'))
  expect(await wrong()).toMatchObject({
    about: 'tls',
    says: expect.stringContaining('there is no such file'),
  })
})

it('warns of users and data that others can read', async () => {
  configure()
  mkdirSync(join(folder, 'data'))
  chmodSync(join(folder, 'data'), 0o755)
  writeFileSync(join(folder, 'users.json'), JSON.stringify({ users: {} }), { mode: 0o644 })
  const { status, findings } = await examined()
  const warned = findings.filter(({ state }) => state === 'warning').map(({ about }) => about)
  expect(warned).toEqual(expect.arrayContaining(['data', 'users']))
  expect(status).toBe(0)
  writeFileSync(join(folder, 'users.json'), '{')
  expect(await wrong()).toMatchObject({ about: 'users' })
})

it('warns of tokens that others can read, and tells of a broken file', async () => {
  configure()
  const write = (text: string): void => writeFileSync(join(folder, 'tokens.json'), text, { mode: 0o644 })
  write('{"tokens": {}}')
  const { findings } = await examined()
  expect(findings).toContainEqual(expect.objectContaining({ about: 'tokens', state: 'warning' }))
  write('{')
  expect(await wrong()).toMatchObject({ about: 'tokens' })
})

it('says that the clock is behind the journal', async () => {
  const { dataDir, writer } = openBench()
  writer.commit({ events: [event(1, { at: Date.now() + 3_600_000 })], changes: [] })
  writer.close()
  configure(`data: ${JSON.stringify(dataDir)}`)
  expect(await wrong()).toMatchObject({ about: 'clock' })
})

it('warns of few open files', () => {
  expect(examineDescriptors(1_024).state).toBe('warning')
  expect(examineDescriptors(65_536).state).toBe('good')
  expect(examineDescriptors(limitIn('/nowhere')).state).toBe('good')
})

it('reads the secrets of a rule file, but for those in comments', () => {
  expect(
    secretsIn(`// secret('NO')
/* secret('NOR_THIS') */
webhook('https://x', { auth: { bearer: secret('TOKEN') } }); secret( "OTHER" ) // secret('LATE')`),
  ).toEqual(['TOKEN', 'OTHER'])
})
