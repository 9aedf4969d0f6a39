import { createECDH } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import type { PushDoor } from '../../../src/http/api/push.ts'
import { OPEN } from '../open.ts'
import { createHttpServer } from '../../../src/http/server.ts'
import type { HttpOptions } from '../../../src/http/server.ts'

async function server(push?: PushDoor) {
  const http = createHttpServer({ ...OPEN, ...(push && { push }), log: silentLog } as unknown as HttpOptions)
  onTestFinished(() => http.stop())
  const { port } = await http.listen({ host: '127.0.0.1', port: 0 })
  return async (path: string, body?: object) => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/push${path}`, {
      ...(body && {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json' },
      }),
    })
    return [answer.status, await answer.json()]
  }
}

const curve = createECDH('prime256v1')
const SUBSCRIPTION = {
  endpoint: 'https://push.example.org/wpush/v2/abc',
  expirationTime: null,
  keys: { p256dh: curve.generateKeys('base64url'), auth: 'BTBZMqHH6r4Tts7J_aSIgg' },
}

it('takes what a browser gives, gives it the key of the hub, and forgets it', async () => {
  const known = new Set<string>()
  const ask = await server({
    key: () => 'BPk',
    add: ({ endpoint }) => known.size < 1 && known.add(endpoint).size > 0,
    remove: (endpoint) => void known.delete(endpoint),
  })
  expect(await ask('')).toEqual([200, { key: 'BPk' }])
  expect(await ask('/subscribe', SUBSCRIPTION)).toEqual([200, { ok: true }])
  expect([...known]).toEqual([SUBSCRIPTION.endpoint])
  expect(await ask('/subscribe', SUBSCRIPTION)).toMatchObject([409, { error: expect.any(String) }])
  expect(await ask('/unsubscribe', { endpoint: SUBSCRIPTION.endpoint })).toEqual([200, { ok: true }])
  expect(known.size).toBe(0)
})

it.each([
  ['an address without TLS', { ...SUBSCRIPTION, endpoint: 'http://push.example.org/abc' }],
  ['what is no address', { ...SUBSCRIPTION, endpoint: 'file:///etc/passwd' }],
  ['a key that is none', { ...SUBSCRIPTION, keys: { ...SUBSCRIPTION.keys, p256dh: 'BPk' } }],
  ['no secret', { ...SUBSCRIPTION, keys: { p256dh: SUBSCRIPTION.keys.p256dh } }],
])('refuses %s', async (_what, subscription) => {
  const ask = await server({ key: () => '', add: () => expect.unreachable(), remove: () => {} })
  expect(await ask('/subscribe', subscription)).toMatchObject([400, { error: expect.any(String) }])
})

it('says so where the configuration has no such channel', async () => {
  const ask = await server()
  const error = 'The configuration has no channel of the kind webPush.'
  expect(await ask('')).toEqual([200, { key: null }])
  expect(await ask('/subscribe', SUBSCRIPTION)).toEqual([404, { error }])
})
