// Publishing over HTTP, from the users file to the answer: with the doors and the broker of a hub.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Access } from '../../src/access/access.ts'
import type { Permission } from '../../src/access/permissions.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { createHttpServer, type HttpOptions } from '../../src/http/server.ts'
import { startTestBroker } from '../broker/test-broker.ts'
import { temporaryFolder } from '../support/hub.ts'

async function hub(permissions?: readonly Permission[]) {
  const file = join(temporaryFolder(), 'users.json')
  const permit = (list?: readonly Permission[]): void =>
    writeFileSync(file, JSON.stringify({ users: {}, permissions: list }), { mode: 0o600 })
  permit(permissions)
  const { broker } = await startTestBroker()
  const access = new Access({ file, root: 'vigie', clock: systemClock, log: silentLog })
  const published: string[] = []
  const http = createHttpServer({
    door: access.door({ local: true, anonymous: true, userFromCertificate: false }),
    mayPublish: (pass, topic, responseTopic) => broker.mayPublish(pass, topic, responseTopic),
    publish: async ({ topic }) => published.push(topic),
    root: 'vigie',
    packetBytes: 1_000,
    log: silentLog,
  } as Partial<HttpOptions> as HttpOptions)
  onTestFinished(() => http.stop())
  const { port } = await http.listen({ host: '127.0.0.1', port: 0 })
  return {
    published,
    denied: () => broker.stats().dropped.denied,
    change: (list?: readonly Permission[]): void => {
      permit(list)
      access.reload()
    },
    post: async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: 'on' })
      return { status: answer.status, error: ((await answer.json()) as { error?: string }).error }
    },
  }
}

const NOT_ALLOWED = 'Without a user name, the permissions do not allow publishing to'

describe('who publishes from this machine', () => {
  it('may publish everywhere while there is no list of permissions, and give commands', async () => {
    const { post, published } = await hub()
    for (const path of ['/publish/house/lamp', '/publish/vigie/commands/x/kill', '/task/backup/ok'])
      expect((await post(path)).error).toBeUndefined()
    expect(published).toEqual(['house/lamp', 'vigie/commands/x/kill', 'tasks/backup/ok'])
  })

  it('may publish what the list allows those without a user name, and nothing else', async () => {
    const { post, published, denied } = await hub([
      { anonymous: true, publish: ['house/#', 'tasks/+/ok'] },
      { users: ['bob'], publish: ['#', 'vigie/commands/#'] },
      { deny: { publish: ['house/door'] } },
    ])
    expect((await post('/publish/house/lamp')).status).toBe(202)
    expect((await post('/task/backup/ok')).status).toBe(200)
    for (const [path, topic] of [
      ['/publish/house/door', 'house/door'],
      ['/publish/garage', 'garage'],
      ['/publish/vigie/commands/x/kill', 'vigie/commands/x/kill'],
      ['/task/backup/fail', 'tasks/backup/fail'],
    ])
      expect(await post(path!)).toEqual({ status: 403, error: `${NOT_ALLOWED} "${topic}".` })
    expect(published).toEqual(['house/lamp', 'tasks/backup/ok'])
    expect(denied()).toBe(4)
  })

  it('names for an answer only a topic on which it may receive or publish', async () => {
    const { post, published } = await hub([{ publish: ['house/#'], receive: ['answers/#'] }])
    expect((await post('/publish/house/lamp?response-topic=answers/1')).status).toBe(202)
    expect((await post('/publish/house/lamp?response-topic=house/1')).status).toBe(202)
    expect(await post('/publish/house/lamp?response-topic=garage')).toEqual({
      status: 403,
      error: `${NOT_ALLOWED} "house/lamp" with an answer on "garage".`,
    })
    expect(published).toHaveLength(2)
  })

  it('goes by the permissions as they are at each request', async () => {
    const { post, change } = await hub()
    expect((await post('/publish/a')).status).toBe(202)
    change([{ publish: ['b'] }])
    expect((await post('/publish/a')).status).toBe(403)
    expect((await post('/publish/b')).status).toBe(202)
  })
})
