import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { silentLog } from '../../../src/base/log.ts'
import { createHttpServer } from '../../../src/http/server.ts'
import type { HttpOptions } from '../../../src/http/server.ts'
import type { Publication } from '../../../src/model/event.ts'
import { OPEN } from '../open.ts'

/** A server on loopback, and what it published. */
async function server(publish?: HttpOptions['publish']) {
  const published: Publication[] = []
  const http = createHttpServer({
    ...OPEN,
    publish: publish ?? (async (publication) => published.push(publication)),
    log: silentLog,
  } as unknown as HttpOptions)
  onTestFinished(() => http.stop())
  const { port } = await http.listen({ host: '127.0.0.1', port: 0 })
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, init)
    return { status: answer.status, said: (await answer.json()) as { error?: string } }
  }
  const said = () =>
    published.map(({ topic, payload, origin }) => [topic, Buffer.from(payload).toString(), origin])
  return { ask, said, origin: `http://127.0.0.1:${port}` }
}

it.each([
  ['GET', '/task/backup/start', undefined, 'tasks/backup/start', ''],
  ['POST', '/task/backup/ok', 'copied 3 files', 'tasks/backup/ok', 'copied 3 files'],
  ['POST', '/task/backup/fail', '3', 'tasks/backup/fail', '3'],
  ['POST', '/task/gr%C3%B6%C3%9Fe/log', 'x', 'tasks/größe/log', 'x'],
])('publishes what %s %s says', async (method, path, body, topic, payload) => {
  const { ask, said } = await server()
  expect(await ask(path, { method, ...(body !== undefined && { body }) })).toEqual({
    status: 200,
    said: { topic, event: 1 },
  })
  expect(said()).toEqual([[topic, payload, 'http']])
})

it('answers when the message is committed, and not before', async () => {
  const commit = Promise.withResolvers<number>()
  const publishing = Promise.withResolvers<void>()
  const { ask } = await server(() => {
    publishing.resolve()
    return commit.promise
  })
  const answered = vi.fn<() => void>()
  const asked = ask('/task/backup/ok')
  void asked.then(answered)
  await publishing.promise
  // Requests that came later have their answers.
  for (let later = 0; later < 3; later++) await ask('/task/a%2Fb/ok')
  expect(answered).not.toHaveBeenCalled()
  commit.resolve(7)
  expect((await asked).said).toEqual({ topic: 'tasks/backup/ok', event: 7 })
})

it('does not say that a message is committed that was refused', async () => {
  const { ask } = await server(() => Promise.reject(new Error('the disk is full')))
  expect((await ask('/task/backup/ok')).status).toBe(500)
})

it('keeps the end of a long output', async () => {
  const { ask, said } = await server()
  await ask('/task/backup/log', { method: 'POST', body: `${'x'.repeat(3_000_000)}the end` })
  expect(said()[0]![1]).toHaveLength(8_192)
  expect(said()[0]![1]).toMatch(/xthe end$/)
})

it.each([
  ['/task/backup/finished', 404, 'A task says start, progress, log, ok, done, fail, failed, not "finished".'],
  ['/task/a%2Fb/ok', 400, expect.stringContaining('"a/b" cannot be the name of a task')],
  ['/task/%2B/ok', 400, expect.stringContaining('"+" cannot be the name of a task')],
])('refuses %s with a sentence', async (path, status, error) => {
  const { ask, said } = await server()
  expect(await ask(path)).toEqual({ status, said: { error } })
  expect(said()).toEqual([])
})

describe('a request of a browser', () => {
  const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0'

  it.each([
    ['an image on a page elsewhere', { 'sec-fetch-site': 'cross-site', 'user-agent': CHROME }],
    ['a page on another port of this machine', { 'sec-fetch-site': 'same-site' }],
    ['a link in a mail', { 'sec-fetch-site': 'none', 'user-agent': CHROME }],
    ['a page that hides where it is, in an old browser', { 'user-agent': CHROME }],
    ['a page elsewhere, in an old browser', { referer: 'https://example.org/' }],
    ['a form on a page elsewhere', { origin: 'https://example.org' }],
    ['a form in a sandbox', { origin: 'null' }],
  ])('is refused: %s', async (_what, headers) => {
    const { ask, said } = await server()
    expect((await ask('/task/backup/ok', { headers })).status).toBe(403)
    expect((await ask('/task/backup/ok', { method: 'POST', headers })).status).toBe(403)
    expect(said()).toEqual([])
  })

  it('is taken from a page of the hub itself', async () => {
    const { ask, said, origin } = await server()
    await ask('/task/backup/ok', { headers: { 'sec-fetch-site': 'same-origin', 'user-agent': CHROME } })
    await ask('/task/backup/ok', { headers: { referer: `${origin}/`, 'user-agent': CHROME } })
    expect(said()).toHaveLength(2)
  })
})
