// Covers `src/access/change-users.ts`.

import { chmodSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { changeUsers, readUsers } from '../../src/access/change-users.ts'
import { hashPassword, verifyPassword } from '../../src/access/passwords.ts'
import { parseUsersFile, userNameProblem } from '../../src/access/users-file.ts'
import { temporaryFolder } from '../support/hub.ts'

let folder: string
let file: string

beforeEach(() => {
  folder = temporaryFolder()
  file = join(folder, 'users.json')
})

const RECORD = { scrypt: { N: 2, r: 1, p: 1, salt: 'AAAA', hash: 'AAAA' } }
const add = (name: string) =>
  changeUsers(file, (before) => ({ ...before, users: { ...before.users, [name]: RECORD } }))

it('has no users where there is no file', () => {
  expect(readUsers(file)).toEqual({ users: {} })
})

it('is changed whole, for its owner only, and leaves nothing beside it', () => {
  writeFileSync(file, '{"permissions":[{"publish":["a/%u"]}]}', { mode: 0o644 })
  add('bob')
  expect(readUsers(file)).toEqual({ permissions: [{ publish: ['a/%u'] }], users: { bob: RECORD } })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder)).toEqual(['users.json'])
})

it('stays as it was when a change fails', () => {
  add('bob')
  const before = readFileSync(file)
  expect(() =>
    changeUsers(file, () => {
      throw new Error('no')
    }),
  ).toThrow('no')
  expect(readFileSync(file)).toEqual(before)
  expect(readdirSync(folder)).toEqual(['users.json'])
})

it('is not changed by two at one time, but by the next once a change was abandoned', () => {
  writeFileSync(`${file}.new`, '')
  expect(() => add('bob')).toThrow(
    `${file}.new is being written by another "vigie user"; try again in a moment.`,
  )
  utimesSync(`${file}.new`, 0, 0)
  add('bob')
  expect(Object.keys(readUsers(file).users)).toEqual(['bob'])
})

it('says so when it cannot be read', () => {
  writeFileSync(file, '{')
  expect(() => readUsers(file)).toThrow(`${file} is not JSON: `)
  chmodSync(file, 0o600)
  expect(() => readUsers(folder)).toThrow(`${folder} cannot be read: `)
})

it.each([
  [{ usres: {} }, 'usres: there is no such setting; did you mean "users"?'],
  [{ users: { bob: {} } }, 'users.bob.scrypt: '],
  [{ users: { bob: { scrypt: { ...RECORD.scrypt, N: 1_000 } } } }, 'users.bob.scrypt.N: is no power of two'],
  [{ users: { bob: { ...RECORD, password: 'x' } } }, 'users.bob.password: there is no such setting'],
  [
    { permissions: [{ publsh: [] }] },
    'permissions[0].publsh: there is no such setting; did you mean "publish"?',
  ],
  [
    { permissions: [{ deny: { recieve: [] } }] },
    'permissions[0].deny.recieve: there is no such setting; did you mean "receive"?',
  ],
  [{ permissions: [{ publish: ['a/b#'] }] }, 'permissions[0].publish[0]: The topic filter "a/b#"'],
  [{ permissions: [{ users: ['a'], anonymous: true }] }, 'permissions[0]: is about users or about those'],
])('names what is wrong with %j', (json, sentence) => {
  expect(() => parseUsersFile(JSON.stringify(json), 'users.json')).toThrow(
    `users.json is not a valid users file:\n  ${sentence}`,
  )
})

it('knows which user names can be', () => {
  expect(userNameProblem('bob-7 Müller')).toBeUndefined()
  const bad = ['', 'a/b', 'a+', '#', 'a\nb', 'x'.repeat(257)]
  expect(bad.filter((name) => userNameProblem(name) === undefined)).toEqual([])
})

it('verifies the password that was hashed, and no other', async () => {
  const record = await hashPassword('hunter2', true)
  expect(await verifyPassword(record, Buffer.from('hunter2'))).toBe(true)
  expect(await verifyPassword(record, Buffer.from('hunter3'))).toBe(false)
  expect(JSON.stringify(record)).not.toContain('hunter2')
  expect(parseUsersFile(JSON.stringify({ users: { bob: record } }), 'x').users).toEqual({ bob: record })
  expect((await hashPassword('hunter2', false)).scram).toBeUndefined()
})
