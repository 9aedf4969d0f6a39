import { describe, expect, it } from 'vitest'
import {
  compileRights,
  isSameForAllClients,
  type Permission,
  type Subject,
} from '../../src/access/permissions.ts'

const rightsOf = (
  permissions: Permission[] | undefined,
  { user = 'bob', client = 'lamp', local = false }: Partial<Subject> = {},
) => compileRights(permissions, 'vigie', { user, client, local })

const EVERYTHING: Permission = { publish: ['#'], receive: ['#'] }

describe('without permissions', () => {
  it('asks nothing of those who are known, or come from this machine', () => {
    expect(rightsOf(undefined)).toBeNull()
    expect(rightsOf(undefined, { user: null, local: true })).toBeNull()
  })

  it("keeps strangers from elsewhere off the hub's own topics", () => {
    const rights = rightsOf(undefined, { user: null })!
    expect(rights.mayPublish('a/b') && rights.mayReceive('a/b') && rights.maySubscribe('#')).toBe(true)
    expect(rights.mayReceive('vigie/clients/x')).toBe(false)
    expect(rights.mayReceive('$SYS/broker/uptime')).toBe(false)
    expect(rights.mayPublish('$SYS/broker/uptime')).toBe(false)
    expect(rights.mayPublish('$SYS/broker/connection/bridge/state')).toBe(true)
    expect(rights.maySubscribe('vigie/#')).toBe(false)
  })
})

describe('with permissions', () => {
  it('allows only what an entry allows', () => {
    const rights = rightsOf([{ publish: ['a/+'], receive: ['b/#'] }])!
    expect(rights.mayPublish('a/x')).toBe(true)
    expect(rights.mayPublish('b/x')).toBe(false)
    expect(rights.mayReceive('b/x')).toBe(true)
    expect(rights.mayReceive('a/x')).toBe(false)
  })

  it('lets denials win, whatever order they come in', () => {
    for (const entries of [
      [EVERYTHING, { deny: { publish: ['door/#'], receive: ['door/code'] } }],
      [{ deny: { publish: ['door/#'], receive: ['door/code'] } }, EVERYTHING],
    ]) {
      const rights = rightsOf(entries)!
      expect(rights.mayPublish('door/open')).toBe(false)
      expect(rights.mayReceive('door/open')).toBe(true)
      expect(rights.mayReceive('door/code')).toBe(false)
    }
  })

  it('takes what may be received as what may be subscribed to, unless the entry says otherwise', () => {
    expect(rightsOf([{ receive: ['a/b'] }])!.maySubscribe('a/#')).toBe(false)
    const wide = rightsOf([{ receive: ['a/b'], subscribe: ['a/#'] }])!
    expect(wide.maySubscribe('a/#')).toBe(true)
    expect(wide.mayReceive('a/b')).toBe(true)
    expect(wide.mayReceive('a/c')).toBe(false)
    expect(rightsOf([{ receive: ['a/b'], subscribe: [] }])!.maySubscribe('a/b')).toBe(false)
  })

  it('refuses the filters that a denied pattern takes in, and leaves wider ones', () => {
    const rights = rightsOf([EVERYTHING, { deny: { subscribe: ['door/#', 'a/b'] } }])!
    expect(rights.maySubscribe('door/code')).toBe(false)
    expect(rights.maySubscribe('door/+/#')).toBe(false)
    expect(rights.maySubscribe('a/b')).toBe(false)
    expect(rights.maySubscribe('a/+')).toBe(true)
    expect(rights.maySubscribe('#')).toBe(true)
  })

  it("opens the hub's own topics only to patterns that name them", () => {
    const all = rightsOf([EVERYTHING])!
    expect(all.maySubscribe('#')).toBe(true)
    expect(all.maySubscribe('vigie/#')).toBe(false)
    expect(all.mayReceive('vigie/runs/x')).toBe(false)
    const named = rightsOf([EVERYTHING, { receive: ['vigie/#', '$SYS/#'], publish: ['vigie/commands/#'] }])!
    expect(named.maySubscribe('vigie/runs/+')).toBe(true)
    expect(named.mayReceive('vigie/runs/x')).toBe(true)
    expect(named.mayReceive('$SYS/broker/uptime')).toBe(true)
    expect(named.mayPublish('vigie/commands/x')).toBe(true)
    expect(rightsOf([{ receive: ['+/#'] }])!.mayReceive('vigie/runs/x')).toBe(false)
  })

  it('tells users, strangers and clients apart', () => {
    const entries: Permission[] = [
      { users: ['bob'], publish: ['users/#'] },
      { anonymous: true, publish: ['strangers/#'] },
      { clients: ['sensor-*-x', 'lamp'], publish: ['things/#'] },
    ]
    const may = (options: { user?: string | null; client?: string }) => {
      const rights = rightsOf(entries, { client: 'none', ...options })!
      return ['users/a', 'strangers/a', 'things/a'].map((topic) => rights.mayPublish(topic))
    }
    expect(may({ user: 'bob' })).toEqual([true, false, false])
    expect(may({ user: null })).toEqual([false, true, false])
    expect(may({ user: 'eve', client: 'sensor-7-x' })).toEqual([false, false, true])
    expect(may({ user: 'eve', client: 'sensor-x' })).toEqual([false, false, false])
    expect(may({ user: 'eve', client: 'lamp' })).toEqual([false, false, true])
    expect(may({ user: 'eve', client: 'lamps' })).toEqual([false, false, false])
  })

  it('gives a stranger nothing by a pattern with %u', () => {
    expect(rightsOf([{ publish: ['dev/%u/#'] }], { user: null })!.mayPublish('dev//x')).toBe(false)
    expect(rightsOf([{ publish: ['dev/%u/#'] }])!.mayPublish('dev/bob/x')).toBe(true)
  })
})

it('knows when all clients of a user have the same rights', () => {
  expect(isSameForAllClients(undefined)).toBe(true)
  expect(isSameForAllClients([{ users: ['a'], publish: ['%u/#'] }])).toBe(true)
  expect(isSameForAllClients([{ publish: ['a/%%c'] }])).toBe(true)
  expect(isSameForAllClients([{ publish: ['%c/#'] }])).toBe(false)
  expect(isSameForAllClients([{ deny: { subscribe: ['%c/#'] } }])).toBe(false)
  expect(isSameForAllClients([{ clients: ['a'], publish: ['#'] }])).toBe(false)
})

describe('whether all of a filter may be received', () => {
  const rights = rightsOf([
    { receive: ['#', 'vigie/#'], deny: { receive: ['safe/+/code', 'vigie/clients/#'] } },
    { deny: { receive: ['$SYS/#'] } },
  ])!
  it.each(['a/#', 'safe/+', 'safe/door/lock', 'safe/+/+/x', 'vigie/runs/#'])('is so for %s', (filter) =>
    expect(rights.mayReceiveAll(filter)).toBe(true),
  )
  it.each(['#', '+/#', 'safe/#', 'safe/door/+', 'safe/door/code', 'vigie/#', 'vigie/clients/#', '$SYS/x'])(
    'is not so for %s',
    (filter) => expect(rights.mayReceiveAll(filter)).toBe(false),
  )
})
