// Mosquitto's files of users and permissions, read as Mosquitto reads them.
//
// Covers `src/access/mosquitto-acl.ts`, `src/access/mosquitto-passwords.ts`.

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseMosquittoAcl } from '../../src/access/mosquitto-acl.ts'
import { parseMosquittoPasswords } from '../../src/access/mosquitto-passwords.ts'
import { takeOverHash, verifyPassword } from '../../src/access/passwords.ts'
import { compileRights } from '../../src/access/permissions.ts'

/** As long as one with SHA-512. */
const HASH = Buffer.alloc(64, 1).toString('base64')

describe('a password file', () => {
  const sha512 = (password: string): string =>
    `$6$c2FsdA==$${createHash('sha512').update(`${password}salt`).digest('base64')}`

  it('has a line for each user', async () => {
    const users = await parseMosquittoPasswords(`# all of them\r\nbob:${sha512('x')}\r\n\r\n`, 'passwd')
    expect(users).toMatchObject([{ name: 'bob', digest: { kind: 'sha512', salt: 'c2FsdA==' } }])
    const [{ digest, hash }] = users as [(typeof users)[0]]
    const record = await takeOverHash(digest, hash)
    expect(await verifyPassword(record, Buffer.from('x'))).toBe(true)
    expect(await verifyPassword(record, hash)).toBe(false)
  })

  it.each([
    [`bob:${sha512('')}`, 'is empty, and with that Mosquitto lets nobody in'],
    ['bob:$7$0x10$c2FsdA==$AAAA', 'is not kept as $7$… or $6$…'],
    [`bob:$7$0$c2FsdA==$${HASH}`, 'is not kept as $7$… or $6$…'],
    [`bob:$7$99999999$c2FsdA==$${HASH}`, 'is not kept as $7$… or $6$…'],
    [`bob:$7$101$c2_sdA==$${HASH}`, 'is not kept as $7$… or $6$…'],
    ['bob:$argon2id$v=19$m=1,t=1,p=1$c2FsdA==$AAAA', 'is not kept as $7$… or $6$…'],
    ['bob', 'This is no line of name:hash.'],
    [':x', 'A user name needs at least one character.'],
  ])('with %j is not taken', async (line, problem) => {
    await expect(parseMosquittoPasswords(`\n${line}`, 'passwd')).rejects.toThrow(problem)
    await expect(parseMosquittoPasswords(`\n${line}`, 'passwd')).rejects.toThrow('line 2: ')
  })
})

describe('an ACL file', () => {
  const ACL = `
# those without a name
topic read public/#
topic public/with space

user bob
topic readwrite #
topic deny secret/#
user anna
topic write in/50%u
topic read $SYS/#
pattern write devices/%c/50%
`
  const permissions = parseMosquittoAcl(ACL, 'acl')
  const rightsOf = (user: string | null, client = 'lamp') =>
    compileRights(permissions, 'vigie', { user, client, local: true })!

  it('says what those without a name may do', () => {
    const rights = rightsOf(null)
    expect(rights.mayReceive('public/a/b')).toBe(true)
    expect(rights.mayPublish('public/a')).toBe(false)
    expect(rights.mayPublish('public/with space')).toBe(true)
    expect(rights.mayReceive('a')).toBe(false)
  })

  it('says what each user may do, and is not read by others', () => {
    expect(rightsOf('bob').mayPublish('a')).toBe(true)
    expect(rightsOf('bob').mayReceive('secret/a')).toBe(false)
    expect(rightsOf('bob').mayReceive('$SYS/broker/uptime')).toBe(false)
    expect(rightsOf('anna').mayReceive('public/a')).toBe(false)
    expect(rightsOf('anna').mayReceive('$SYS/broker/uptime')).toBe(true)
    expect(rightsOf('anna').mayPublish('in/50%u')).toBe(true)
    expect(rightsOf('anna').mayPublish('in/50anna')).toBe(false)
  })

  it('has patterns for all', () => {
    expect(rightsOf('bob').mayPublish('devices/lamp/50%')).toBe(true)
    expect(rightsOf(null).mayPublish('devices/lamp/50%')).toBe(true)
    expect(rightsOf(null).mayPublish('devices/door/50%')).toBe(false)
  })

  it('lets everybody subscribe to everything, and bridges tell their state, as Mosquitto does', () => {
    expect(rightsOf(null).maySubscribe('#')).toBe(true)
    expect(rightsOf(null).maySubscribe('$SYS/#')).toBe(true)
    expect(rightsOf(null).mayPublish('$SYS/broker/connection/x/state')).toBe(true)
    expect(rightsOf('bob').mayPublish('$SYS/broker/uptime')).toBe(false)
  })

  it('is refused with a line for each problem', () => {
    expect(() => parseMosquittoAcl('topic a\nallow a\ntopic read a/#/b\nuser\n', 'acl')).toThrow(
      /^acl cannot be taken over; nothing was changed:\n  line 2: "allow a" is neither user, topic nor pattern\.\n  line 3: .*# must stand alone.*\n  line 4: "user" is neither/,
    )
  })
})
