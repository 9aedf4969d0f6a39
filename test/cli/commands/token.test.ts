// `vigie token`, as an operator meets it.

import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { hashOfToken, readTokens } from '../../../src/access/tokens-file.ts'
import { temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'

let folder: string
let file: string

beforeEach(() => {
  folder = temporaryFolder()
  file = join(folder, 'tokens.json')
  writeFileSync(join(folder, 'vigie.config.ts'), "export default { users: './users.json' }\n")
  const scrypt = { N: 2, r: 1, p: 1, salt: 'AAAA', hash: 'AAAA' }
  writeFileSync(join(folder, 'users.json'), JSON.stringify({ users: { anna: { scrypt } } }), { mode: 0o600 })
})

const NOW = Date.parse('2026-11-30T12:00:00Z')
const token = (...args: string[]) =>
  runCommand(['--utc', 'token', ...args, '--config', join(folder, 'vigie.config.ts')], { now: () => NOW })

it('makes a token, shows it once, and keeps its hash beside the users, for the owner only', async () => {
  const { status, out, error } = await token('add', 'laptop')
  expect([status, error]).toEqual([0, ''])
  expect(out).toMatch(/^vigie_[\w-]{43}\n$/)
  expect(readTokens(file).tokens).toEqual({
    laptop: {
      sha256: hashOfToken(out.trim()).toString('base64'),
      scopes: ['read'],
      createdAt: '2026-11-30T12:00:00.000Z',
    },
  })
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

it('lists tokens with their scopes, users and ends, and removes one', async () => {
  await token('add', 'laptop', '--scope', 'read', '--scope', 'write,publish')
  await token('add', 'bell', '--scope', 'publish', '--user', 'anna', '--expires', '90d')
  const listed = (await token('list')).out.split('\n')
  expect(listed[0]).toMatch(/^laptop {2}read,write,publish {2}- {5}since 2026-11-30 12:00:00/)
  expect(listed[1]).toMatch(/^bell {4}publish {13}anna {2}since .* until 2027-02-28 12:00:00/)
  const [, json] = (await token('list', '--json')).out.trim().split('\n')
  expect(JSON.parse(json!)).toEqual({
    name: 'bell',
    scopes: ['publish'],
    user: 'anna',
    createdAt: '2026-11-30T12:00:00.000Z',
    expiresAt: '2027-02-28T12:00:00.000Z',
  })
  expect((await token('rm', 'laptop')).out).toContain('Removed the token "laptop"')
  expect(Object.keys(readTokens(file).tokens)).toEqual(['bell'])
})

it.each([
  [['add', 'laptop'], 'The token "laptop" exists already; remove it first: vigie token rm laptop'],
  [['add', 'a b'], 'The name of a token has 1 to 64 letters'],
  [['add', 'x', '--user', 'ana'], 'There is no user "ana" in '],
  [['add', 'x', '--user', 'ana'], 'did you mean "anna"?'],
  [['add', 'x', '--expires', 'soon'], '--expires: '],
  [['add', 'x', '--scope', 'all'], 'It must be read, publish, write.'],
  [['rm', 'lap'], 'There is no token "lap" in '],
  [['show'], 'knows add, rm, list'],
])('refuses %j, and says why', async (args, sentence) => {
  await token('add', 'laptop')
  const { status, error } = await token(...args)
  expect(status).not.toBe(0)
  expect(error).toContain(sentence)
})
