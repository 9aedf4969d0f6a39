// Covers `src/access/jobs.ts`, `src/access/kept-file.ts`, `src/access/login.ts`, `src/access/passwords.ts`.

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { Access, type DoorOptions } from '../../src/access/access.ts'
import { hashPassword } from '../../src/access/passwords.ts'
import { parseUsersFile, type UserRecord } from '../../src/access/users-file.ts'
import type { Clock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Admission, Door } from '../../src/model/access.ts'
import { temporaryFolder } from '../support/hub.ts'
import { ScramClient } from './scram-client.ts'

const HERE: DoorOptions = { local: true, anonymous: true, userFromCertificate: false }
const EXPOSED: DoorOptions = { local: false, anonymous: false, userFromCertificate: false }

let records: Record<'bob' | 'eve' | 'new bob', UserRecord>
let file: string
/** How long attempts were made to wait, each as soon as it began to. */
let waits: number[]
let clock: Clock
let logged: string[]

beforeAll(async () => {
  records = {
    bob: await hashPassword('right', true),
    eve: await hashPassword('evil', true),
    'new bob': await hashPassword('better', true),
  }
})

beforeEach(() => {
  file = join(temporaryFolder(), 'users.json')
  waits = []
  let now = 1_000_000
  clock = {
    now: () => now,
    steady: () => now,
    awake: () => now,
    after(delayMs, callback) {
      waits.push(delayMs)
      setImmediate(() => {
        now += delayMs
        callback()
      })
      return () => {}
    },
  }
  logged = []
})

const write = (content: object | string): void =>
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 })

function open(content?: object): Access {
  if (content !== undefined) write(content)
  const say = (line: unknown): void => void logged.push(String(line))
  const log = { ...silentLog, info: say, warn: say, error: say }
  const access = new Access({ file, root: 'vigie', clock, log })
  onTestFinished(() => access.stop())
  return access
}

const withUsers = () => ({ users: { bob: records.bob, eve: records.eve } })
const caller = (address = '10.0.0.7', clientId = 'lamp') => ({
  clientId,
  address,
  certificateName: undefined,
  isWaiting: () => true,
})
const loginNow = (door: Door, username: string, password: string, address?: string) =>
  door.admit(caller(address), { username, password: Buffer.from(password) })
const login = async (...all: Parameters<typeof loginNow>): Promise<Admission> => await loginNow(...all)

describe('who may come in', () => {
  it('lets everybody in where everybody may, and looks at no name while there are no users', async () => {
    const door = open().door(HERE)
    expect(door.admit(caller(), { username: undefined, password: undefined })).toMatchObject({
      kind: 'admitted',
      pass: { user: null },
    })
    expect(loginNow(door, 'anyone', 'anything')).toMatchObject({ kind: 'admitted', pass: { user: null } })
  })

  it('refuses a wrong password also where strangers may come in, once there are users', async () => {
    const door = open(withUsers()).door(HERE)
    expect(await login(door, 'bob', 'wrong')).toMatchObject({
      kind: 'refused',
      refusal: 'credentials',
    })
    expect(await login(door, 'nobody', 'x')).toMatchObject({
      kind: 'refused',
      refusal: 'credentials',
    })
    expect(await login(door, 'bob', 'right')).toMatchObject({
      kind: 'admitted',
      pass: { user: 'bob' },
    })
  })

  it('refuses strangers where only users may come in', () => {
    const nobody = { username: undefined, password: undefined }
    expect(open(withUsers()).door(EXPOSED).admit(caller(), nobody)).toMatchObject({ refusal: 'stranger' })
  })

  it('says the same of an unknown user as of a wrong password', async () => {
    const door = open(withUsers()).door(EXPOSED)
    const why = async (user: string): Promise<string> => {
      const refused = await login(door, user, 'x')
      return refused.kind === 'refused' ? refused.sentence.replace(user, 'USER') : ''
    }
    const of = await Promise.all([why('bob'), why('nobody'), why('__proto__'), why('toString')])
    expect(new Set(of).size).toBe(1)
    expect(of[0]).toContain('User "USER" as client "lamp" at 10.0.0.7 was refused')
  })

  it('takes the name in a certificate for the user, where the listener says so', () => {
    const access = open(withUsers())
    const shown = { ...caller(), certificateName: 'device-7' }
    const nobody = { username: undefined, password: undefined }
    const named = access.door({ ...EXPOSED, userFromCertificate: true })
    expect(named.admit(shown, nobody)).toMatchObject({ kind: 'admitted', pass: { user: 'device-7' } })
    expect(access.door(EXPOSED).admit(shown, nobody)).toMatchObject({ refusal: 'stranger' })
  })
})

describe('many logins', () => {
  it('know a password again without working it out, at once', async () => {
    const door = open(withUsers()).door(EXPOSED)
    await login(door, 'bob', 'right')
    expect(loginNow(door, 'bob', 'right')).toMatchObject({ kind: 'admitted' })
    expect(loginNow(door, 'bob', 'wrong')).toBeInstanceOf(Promise)
  })

  it('of one user at one time are one check, and none waits', async () => {
    const door = open(withUsers()).door(EXPOSED)
    const all = await Promise.all(Array.from({ length: 500 }, () => login(door, 'bob', 'right')))
    expect(all.every(({ kind }) => kind === 'admitted')).toBe(true)
    expect(waits).toEqual([])
  })

  it('are not checked for those who have gone', async () => {
    const door = open(withUsers()).door(EXPOSED)
    const gone = { ...caller(), isWaiting: () => false }
    const answer = await door.admit(gone, { username: 'bob', password: Buffer.from('right') })
    expect(answer.kind).toBe('refused')
  })
})

describe('failed logins', () => {
  it('are slowed down for the user at the address, not for the user elsewhere', async () => {
    const door = open(withUsers()).door(EXPOSED)
    for (let attempt = 0; attempt < 5; attempt++) {
      expect((await login(door, 'bob', `guess ${attempt}`)).kind).toBe('refused')
    }
    expect(waits).toEqual([250, 500])
    expect((await login(door, 'bob', 'right', '10.0.0.8')).kind).toBe('admitted')
    expect(waits).toEqual([250, 500])
    // Known by now, but not without waiting where there were guesses; and then all is forgiven.
    expect((await login(door, 'bob', 'right')).kind).toBe('admitted')
    expect(waits).toEqual([250, 500, 1_000])
    expect(loginNow(door, 'bob', 'right', '10.0.0.8')).toMatchObject({ kind: 'admitted' })
  })

  it('are slowed down for the address, whatever names it tries', async () => {
    const door = open(withUsers()).door(EXPOSED)
    const spray = async (address: (index: number) => string) => {
      for (let index = 0; index < 12; index++) await login(door, `user ${index}`, 'guess', address(index))
    }
    await spray((index) => `10.0.1.${index}`)
    expect(waits).toEqual([])
    await spray((index) => `2001:db8:0:1::${index}`)
    expect(waits).toEqual([250, 500])
  })

  it('for many names do not keep out who has logged in before, at that address or elsewhere', async () => {
    const door = open(withUsers()).door(EXPOSED)
    expect((await login(door, 'bob', 'right')).kind).toBe('admitted')
    expect((await login(door, 'eve', 'evil', '10.0.0.8')).kind).toBe('admitted')
    const guesses = Array.from({ length: 40 }, (_, index) => login(door, `user ${index}`, 'guess'))
    expect(loginNow(door, 'bob', 'right')).toMatchObject({ kind: 'admitted' })
    expect(loginNow(door, 'eve', 'evil')).toMatchObject({ kind: 'admitted' })
    await Promise.all(guesses)
    const more = Array.from({ length: 40 }, (_, index) => login(door, `other ${index}`, 'guess'))
    // A wrong password is worth no more for it, and the right one gets in once its turn has come.
    expect((await login(door, 'bob', 'guess')).kind).toBe('refused')
    expect((await login(door, 'bob', 'right')).kind).toBe('admitted')
    const away = await Promise.all(more)
    expect(away.some((answer) => answer.kind === 'refused' && answer.refusal === 'too-often')).toBe(true)
  })

  it('are turned away when there are too many at one time', async () => {
    const door = open(withUsers()).door(EXPOSED)
    const guesses = Array.from({ length: 12 }, (_, index) => login(door, 'bob', `guess ${index}`))
    const away = await Promise.all(guesses.slice(7))
    expect(away.every((answer) => answer.kind === 'refused' && answer.refusal === 'too-often')).toBe(true)
    expect(await login(door, 'eve', 'evil')).toMatchObject({ kind: 'admitted' })
  })
})

describe('the file', () => {
  it('is read again; a broken one changes nothing and is told', async () => {
    const access = open(withUsers())
    const door = access.door(EXPOSED)
    write('{ "users": ')
    access.reload()
    expect(logged.at(-1)).toContain(`${file} is not JSON: `)
    expect(logged.at(-1)).toContain('The previous users and permissions stay in force.')
    expect(await login(door, 'bob', 'right')).toMatchObject({ kind: 'admitted' })
    write({ users: { bob: records['new bob'] } })
    access.reload()
    expect((await login(door, 'bob', 'right')).kind).toBe('refused')
    expect((await login(door, 'bob', 'better')).kind).toBe('admitted')
  })

  it('ends the passes of users that are gone or have another password, and renews the rights of the others', async () => {
    const access = open(withUsers())
    const door = access.door(EXPOSED)
    const passes = await Promise.all([login(door, 'bob', 'right'), login(door, 'eve', 'evil')])
    const [bob, eve] = passes.map((answer) => (answer.kind === 'admitted' ? answer.pass : undefined))
    let told = 0
    door.onChanged(() => told++)
    write({ users: { bob: records['new bob'], eve: records.eve }, permissions: [{ publish: ['a'] }] })
    access.reload()
    expect(told).toBe(1)
    expect(door.renew(bob!, 'lamp')).toBeNull()
    const renewed = door.renew(eve!, 'lamp')!
    expect([renewed.rights!.mayPublish('a'), renewed.rights!.mayPublish('b')]).toEqual([true, false])
    access.reload()
    expect(told).toBe(1)
  })

  it('stay in force while the file is away, as when another takes its place', async () => {
    const access = open(withUsers())
    const door = access.door(HERE)
    const admission = await login(door, 'bob', 'right')
    rmSync(file)
    access.reload()
    expect(logged.at(-1)).toContain('The previous users and permissions stay in force')
    expect((await login(door, 'bob', 'wrong')).kind).toBe('refused')
    expect(admission.kind === 'admitted' && door.renew(admission.pass, 'lamp')).toEqual({
      ...(admission.kind === 'admitted' && admission.pass),
    })
    write({ users: {} })
    access.reload()
    expect(access.userCount).toBe(0)
  })

  it('does not let in by a password that was changed while it was checked', async () => {
    const access = open(withUsers())
    const answer = login(access.door(EXPOSED), 'bob', 'right')
    write({ users: { bob: records['new bob'] } })
    access.reload()
    expect((await answer).kind).toBe('refused')
  })

  it('slows nobody down for a hash in it that cannot be worked out', async () => {
    const scrypt = { ...records.bob.scrypt, N: 2 ** 16, r: 1 }
    const access = open({ users: { bob: { scrypt } } })
    const door = access.door(EXPOSED)
    for (let time = 0; time < 10; time++) await expect(login(door, 'bob', 'right')).rejects.toThrow('scrypt')
    write(withUsers())
    access.reload()
    waits = []
    expect((await login(door, 'bob', 'right')).kind).toBe('admitted')
    expect(waits).toEqual([])
  })

  it('is watched', async () => {
    const access = open(withUsers())
    access.start()
    const changed = new Promise<void>((resolve) => access.door(EXPOSED).onChanged(resolve))
    write({ users: {} })
    await changed
    expect(access.userCount).toBe(0)
  })

  it('is warned of when others can read it', () => {
    writeFileSync(file, JSON.stringify(withUsers()), { mode: 0o644 })
    open().start()
    expect(logged).toEqual([
      `Other users of this machine can read ${file}. To prevent that: chmod 600 ${file}`,
    ])
  })
})

describe('SCRAM-SHA-256', () => {
  async function exchange(access: Access, client: ScramClient) {
    const exchanged = access.door(EXPOSED).begin('SCRAM-SHA-256', caller())!
    const challenge = await exchanged.next(client.first())
    if (challenge.kind !== 'continue') throw new Error('no challenge')
    return { challenge: challenge.word, end: await exchanged.next(client.final(challenge.word)) }
  }

  it('lets in whoever proves to know the password, and proves itself', async () => {
    const client = new ScramClient('bob', 'right')
    const { end } = await exchange(open(withUsers()), client)
    if (end.kind !== 'admitted') throw new Error('refused')
    expect(end.pass.user).toBe('bob')
    expect(client.accepts(end.word)).toBe(true)
  })

  it('refuses a wrong password and an unknown user with the same words, after challenges alike', async () => {
    const access = open(withUsers())
    const wrong = await exchange(access, new ScramClient('bob', 'wrong'))
    const unknown = await exchange(access, new ScramClient('nobody', 'right'))
    const again = await exchange(access, new ScramClient('nobody', 'right'))
    const shape = (word: Uint8Array) => Buffer.from(word).toString().replace(/[^,=]/g, '')
    const salt = (word: Uint8Array) => /s=([^,]+)/.exec(Buffer.from(word).toString())![1]
    expect(shape(unknown.challenge)).toHaveLength(shape(wrong.challenge).length)
    expect(salt(unknown.challenge)).toBe(salt(again.challenge))
    expect([wrong.end.kind, unknown.end.kind]).toEqual(['refused', 'refused'])
  })

  it('is offered under its name only', () => {
    expect(open(withUsers()).door(EXPOSED).begin('PLAIN', caller())).toBeUndefined()
  })

  it('does not help a user whose keys were not made', async () => {
    const { scram: _none, ...bob } = records.bob
    expect((await exchange(open({ users: { bob } }), new ScramClient('bob', 'right'))).end.kind).toBe(
      'refused',
    )
  })
})

it('keeps a file that it wrote itself valid', () => {
  expect(Object.keys(parseUsersFile(JSON.stringify(withUsers()), file).users)).toEqual(['bob', 'eve'])
})
