// `vigie user`, as an operator meets it.

import { execa } from 'execa'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { beforeEach, describe, expect, it } from 'vitest'
import { verifyPassword } from '../../src/access/passwords.ts'
import { readUsers } from '../../src/access/change-users.ts'
import { readPassword } from '../../src/cli/secret.ts'
import { ROOT, temporaryFolder } from '../support/hub.ts'

let file: string

beforeEach(() => {
  file = join(temporaryFolder(), 'users.json')
})

const vigieUser = (input: string, ...args: string[]) =>
  execa(process.execPath, [join(ROOT, 'src', 'bin.ts'), 'user', ...args, '--file', file], {
    reject: false,
    input,
    env: { NO_COLOR: '1', NODE_OPTIONS: '' },
  })

it('adds a user, changes the password, lists and removes, in a file for its owner only', async () => {
  writeFileSync(file, JSON.stringify({ permissions: [{ publish: ['a/%u'] }] }), { mode: 0o644 })
  expect(await vigieUser('right\n', 'add', 'bob')).toMatchObject({
    exitCode: 0,
    stdout: `Added user "bob" in ${file}. A hub that runs takes it over by itself.`,
  })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const { bob } = readUsers(file).users
  expect(await verifyPassword(bob!, Buffer.from('right'))).toBe(true)
  expect(bob!.scram).toBeDefined()
  expect(readFileSync(file, 'utf8')).not.toContain('right')

  expect(await vigieUser('better', 'passwd', 'bob', '--no-scram')).toMatchObject({ exitCode: 0 })
  const changed = readUsers(file)
  expect(await verifyPassword(changed.users['bob']!, Buffer.from('better'))).toBe(true)
  expect(changed.users['bob']!.scram).toBeUndefined()
  expect(changed.permissions).toEqual([{ publish: ['a/%u'] }])

  await vigieUser('x', 'add', 'anna')
  expect((await vigieUser('', 'list')).stdout).toBe('anna\nbob')
  expect((await vigieUser('', 'rm', 'anna')).exitCode).toBe(0)
  expect((await vigieUser('', 'list', '--json')).stdout).toBe('{"user":"bob"}')
})

it('says what is wrong, and changes nothing', async () => {
  await vigieUser('right', 'add', 'bob')
  const before = readFileSync(file)
  const said = async (input: string, ...args: string[]): Promise<string> => {
    const { exitCode, stderr } = await vigieUser(input, ...args)
    expect(exitCode).toBe(1)
    return stderr
  }
  expect(await said('x', 'add', 'bob')).toContain('There is a user "bob" already; "vigie user passwd bob"')
  expect(await said('x', 'passwd', 'bbo')).toContain('There is no user "bbo"; did you mean "bob"?')
  expect(await said('', 'rm', 'nobody')).toContain('"vigie user list" lists them')
  expect(await said('', 'passwd', 'bob')).toContain('No password came; nothing was changed.')
  expect(await said('\n', 'passwd', 'bob')).toContain('The password is empty; nothing was changed.')
  expect(await said('x', 'add', 'a/b')).toContain('holds /, + or #')
  expect(await said('x', 'add')).toContain('A user name needs at least one character.')
  expect(await said('x', 'drop', 'bob')).toContain('knows add, rm, passwd, list, not "drop"')
  expect(readFileSync(file)).toEqual(before)
  writeFileSync(file, '{')
  expect(await said('x', 'add', 'eve')).toContain(`${file} is not JSON: `)
})

describe('on a terminal', () => {
  function terminal(...lines: string[]) {
    const prompts: string[] = []
    const input = Object.assign(new PassThrough(), { isTTY: true })
    input.end(lines.map((line) => `${line}\r`).join(''))
    return { prompts, answer: readPassword({ input, prompt: (text) => void prompts.push(text) }, 'bob') }
  }

  it('asks twice and shows nothing of what is typed', async () => {
    const { prompts, answer } = terminal('secret', 'secret')
    expect(await answer).toBe('secret')
    expect(prompts.join('')).toBe('Password for "bob": \nThe same again: \n')
  })

  it('takes no password that was not typed the same again', async () => {
    await expect(terminal('secret', 'sceret').answer).rejects.toThrow('The two passwords differ')
  })
})
