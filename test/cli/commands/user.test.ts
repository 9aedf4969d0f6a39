// `vigie user`, as an operator meets it.
//
// Covers `src/cli/frame/secret.ts`.

import { execa } from 'execa'
import { pbkdf2Sync } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { beforeEach, describe, expect, it } from 'vitest'
import { parseMosquittoAcl } from '../../../src/access/mosquitto-acl.ts'
import { verifyPassword } from '../../../src/access/passwords.ts'
import { readUsers } from '../../../src/access/change-users.ts'
import { readPassword } from '../../../src/cli/frame/secret.ts'
import { BIN, temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'
import { itWith } from '../../support/tools.ts'

let file: string

beforeEach(() => {
  file = join(temporaryFolder(), 'users.json')
})

async function vigieUser(input: string, ...args: string[]) {
  const { status, out, error } = await runCommand(['user', ...args, '--file', file], {
    input: () => new PassThrough().end(input),
  })
  return { exitCode: status, stdout: out.trimEnd(), stderr: error.trimEnd() }
}

it('reads the password from the input of its process, and ends with the status', async () => {
  const run = (...args: string[]) =>
    execa(process.execPath, [BIN, 'user', ...args, '--file', file], {
      reject: false,
      input: 'right\n',
      env: { NO_COLOR: '1', NODE_OPTIONS: '' },
    })
  expect(await run('add', 'bob')).toMatchObject({ exitCode: 0, stderr: '' })
  expect(await verifyPassword(readUsers(file).users['bob']!, Buffer.from('right'))).toBe(true)
  expect(await run('add', 'bob')).toMatchObject({ exitCode: 1, stdout: '' })
})

it('adds a user, changes the password, lists and removes, in a file for its owner only', async () => {
  writeFileSync(file, JSON.stringify({ permissions: [{ publish: ['a/%u'] }] }), { mode: 0o644 })
  expect(await vigieUser('right\n', 'add', 'bob')).toMatchObject({
    exitCode: 0,
    stdout: `Added user "bob" in ${file}. A running hub notices the change by itself.`,
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
  expect(await said('x', 'add', 'bob')).toContain('The user "bob" exists already; "vigie user passwd bob"')
  expect(await said('x', 'passwd', 'bbo')).toContain('There is no user "bbo"; did you mean "bob"?')
  expect(await said('', 'rm', 'nobody')).toContain('"vigie user list" lists them')
  expect(await said('', 'passwd', 'bob')).toContain('No password was given, so nothing was changed.')
  expect(await said('\n', 'passwd', 'bob')).toContain('The password is empty, so nothing was changed.')
  expect(await said('x', 'add', 'a/b')).toContain('holds /, + or #')
  expect(await said('x', 'add')).toContain('A user name needs at least one character.')
  expect(await said('x', 'drop', 'bob')).toContain('knows add, rm, passwd, list, import, not "drop"')
  expect(readFileSync(file)).toEqual(before)
  writeFileSync(file, '{')
  expect(await said('x', 'add', 'eve')).toContain(`${file} is not JSON: `)
})

describe('import', () => {
  const hashes = `bob:$7$101$c2FsdA==$${pbkdf2Sync('right', 'salt', 101, 64, 'sha512').toString('base64')}\n`
  let from: string

  beforeEach(() => {
    from = join(temporaryFolder(), 'passwd')
    writeFileSync(from, hashes)
  })

  itWith('mosquitto_passwd')(
    'takes over the users of Mosquitto with the passwords they have, but not those who are there',
    async () => {
      for (const [how, name] of [
        ['sha512-pbkdf2', 'anna'],
        ['sha512', 'old'],
      ] as const)
        await execa('mosquitto_passwd', ['-H', how, '-b', from, name, `${name}'s`])
      await vigieUser('mine', 'add', 'bob')
      const { exitCode, stdout } = await vigieUser('', 'import', from)
      expect(exitCode).toBe(0)
      expect(stdout.split('\n')).toEqual([
        `Imported 2 of 3 users from ${from} into ${file}.`,
        'A running hub notices the change by itself.',
        'The passwords stay the same. A user needs a new one for SCRAM-SHA-256: "vigie user passwd NAME".',
        'Not imported, because they exist already: "bob".',
      ])
      const { bob, anna, old } = readUsers(file).users
      expect(await verifyPassword(bob!, Buffer.from('mine'))).toBe(true)
      expect(await verifyPassword(anna!, Buffer.from("anna's"))).toBe(true)
      expect(await verifyPassword(anna!, Buffer.from("old's"))).toBe(false)
      expect(await verifyPassword(old!, Buffer.from("old's"))).toBe(true)
      const again = readFileSync(file, 'utf8')
      expect((await vigieUser('', 'import', from)).stdout).toContain('Imported 0 of 3 users')
      expect(readFileSync(file, 'utf8')).toBe(again)
    },
  )

  it('keeps none of the hashes, which are easy to guess from', async () => {
    expect((await vigieUser('', 'import', from)).exitCode).toBe(0)
    expect(readFileSync(file, 'utf8')).not.toContain(hashes.trim().split('$').at(-1))
    expect(await verifyPassword(readUsers(file).users['bob']!, Buffer.from('right'))).toBe(true)
  })

  it('takes over permissions of an ACL file, unless there are some', async () => {
    const acl = join(temporaryFolder(), 'acl')
    writeFileSync(acl, 'topic read public/#\nuser bob\ntopic #\n')
    expect((await vigieUser('', 'import', from, '--acl', acl)).stdout.split('\n').slice(0, 2)).toEqual([
      `Imported 1 of 1 users from ${from} into ${file}.`,
      `Imported the permissions of ${acl}.`,
    ])
    expect(readUsers(file).permissions).toEqual(parseMosquittoAcl(readFileSync(acl, 'utf8'), acl))
    expect((await vigieUser('', 'import', from, '--acl', acl)).stderr).toContain(
      `${file} has permissions already; remove them from it to take over those of ${acl}.`,
    )
  })

  it('says which lines it cannot take over, and changes nothing', async () => {
    writeFileSync(
      from,
      `${hashes}\n# old ones\neve:plain\nno line\na/b:$6$c2FsdA==$AAAA\nshort:$6$c2FsdA==$AAAA\n`,
    )
    const { exitCode, stderr } = await vigieUser('', 'import', from)
    expect(exitCode).toBe(1)
    expect(stderr.trim().split('\n')).toEqual([
      `vigie: ${from} cannot be taken over; nothing was changed:`,
      '  line 4: The password of "eve" is not kept as $7$… or $6$…; leave the line out, and add the user by hand.',
      '  line 5: This is no line of name:hash.',
      '  line 6: The user name "a/b" holds /, + or #, which no topic level can.',
      '  line 7: The password of "short" is not kept as $7$… or $6$…; leave the line out, and add the user by hand.',
    ])
    expect(existsSync(file)).toBe(false)
    expect((await vigieUser('', 'import', `${from}.not`)).stderr).toContain(`${from}.not cannot be read: `)
    expect((await vigieUser('', 'import')).stderr).toContain('Name the password file: ')
  })
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
    expect(prompts.join('')).toBe('Password for "bob": \nRepeat the password: \n')
  })

  it('takes no password that was not typed the same again', async () => {
    await expect(terminal('secret', 'sceret').answer).rejects.toThrow('The two passwords differ')
  })
})
