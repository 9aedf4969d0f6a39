// Covers `src/http/links/alert-page.ts`, `src/http/links/link-answer.ts`.

import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { signedQuery } from '../../../src/alerts/signed-link.ts'
import type { LinkGrant } from '../../../src/alerts/signed-link.ts'
import { silentLog } from '../../../src/base/log.ts'
import type { Commanded } from '../../../src/http/api/engine-commands.ts'
import type { AlertAnswer } from '../../../src/model/alert-change.ts'
import { createHttpServer } from '../../../src/http/server.ts'
import type { HttpOptions } from '../../../src/http/server.ts'
import type { Alert } from '../../../src/model/alert.ts'
import { alert } from '../../journal/nouns.ts'

const SECRET = Buffer.alloc(32, 7)
const NOW = 1_764_500_000_000
const GRANT: LinkGrant = { key: 'nas/disk', action: 'ack', incident: 1, expiresAt: NOW + 60_000 }

const link = (grant: Partial<LinkGrant> = {}): string =>
  `/alert?${signedQuery({ ...GRANT, ...grant }, SECRET)}`

interface Given {
  readonly known?: Partial<Alert> | null
  readonly answer?: Commanded<AlertAnswer>['answer']
}

async function server({ known = {}, answer = { ok: true } }: Given = {}) {
  const commands: unknown[] = []
  const held = known === null ? undefined : { alert: alert('nas/disk', known), flips: [], notifications: [] }
  const alertLinks: HttpOptions['alertLinks'] = {
    linkKey: () => SECRET,
    queries: {
      alert: async (key) => (key === 'nas/disk' ? held : undefined),
      alertsToldBy: async () => undefined,
    },
    command: async (...command) => {
      commands.push(command)
      return { event: 9, answer }
    },
    clock: { now: () => NOW },
  }
  const options = { alertLinks, intakes: {}, log: silentLog }
  const http = createHttpServer(options as unknown as HttpOptions)
  onTestFinished(() => http.stop())
  const { port } = await http.listen({ host: '127.0.0.1', port: 0 })
  /** From elsewhere: under a name of the hub, from a page of another origin. */
  const ask = async (method: string, path: string) => {
    const headers = { host: 'hub.example', origin: 'https://chat.example', 'sec-fetch-site': 'cross-site' }
    const asked = request({ port, host: '127.0.0.1', method, path, headers }).end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    const chunks: Buffer[] = await response.toArray()
    const policy = String(response.headers['content-security-policy'])
    return { status: response.statusCode, text: Buffer.concat(chunks).toString(), policy }
  }
  return { ask, commands }
}

describe('a link in a notification', () => {
  test('shows the alert with a button, and does nothing, however often it is opened', async () => {
    const { ask, commands } = await server()
    for (const method of ['GET', 'HEAD', 'GET']) expect((await ask(method, link())).status).toBe(200)
    const { text, policy } = await ask('GET', link())
    expect(text).toContain('nas/disk is wrong')
    expect(text).toMatch(/<form method="post"><button>Acknowledge<\/button><\/form>/)
    expect(text).not.toMatch(/<script|src=|href=|url\(/)
    expect(policy).toContain("default-src 'none'")
    expect(commands).toEqual([])
  })

  test('acknowledges by POST, from anywhere and under any name of the hub', async () => {
    const { ask, commands } = await server()
    const { status, text } = await ask('POST', link())
    expect([status, text]).toEqual([200, expect.stringContaining('Acknowledged.')])
    expect(commands).toEqual([['nas/disk', 'ack', { by: 'a link in a notification' }]])
  })

  test('silences for a while', async () => {
    const { ask, commands } = await server()
    expect((await ask('GET', link({ action: 'silence' }))).text).toContain('Silence for 2h</button>')
    expect((await ask('POST', link({ action: 'silence' }))).text).toContain('Silenced for 2h.')
    expect(commands).toEqual([['nas/disk', 'silence', { by: 'a link in a notification', for: '2h' }]])
  })

  test('only shows, where that is all that it allows', async () => {
    const { ask, commands } = await server()
    expect((await ask('GET', link({ action: 'show' }))).text).not.toContain('<button>')
    expect((await ask('POST', link({ action: 'show' }))).status).toBe(405)
    expect(commands).toEqual([])
  })

  test.each([
    ['that was changed', link().replace('nas', 'nbs'), 403, /not one that the hub has signed/],
    ['that lost its end on the way', link().slice(0, -4), 403, /only a part of one/],
    ['that has expired', link({ expiresAt: NOW }), 410, /has expired/],
    ['of an alert that is forgotten', link({ key: 'gone' }), 404, /does not know this alert/],
  ])('%s does nothing, and says why', async (_what, path, status, sentence) => {
    const { ask, commands } = await server()
    for (const method of ['GET', 'POST'])
      expect(await ask(method, path)).toMatchObject({
        status,
        text: expect.stringMatching(sentence) as string,
      })
    expect(commands).toEqual([])
  })

  test.each([
    ['an earlier incident', { incident: 2 }, /belongs to an earlier time/],
    ['an alert that is resolved', { state: 'resolved' }, /nothing is left to do/],
  ] as const)('of %s has no button, and does nothing', async (_what, known, sentence) => {
    const { ask, commands } = await server({ known })
    const shown = await ask('GET', link())
    expect(shown.text).toMatch(sentence)
    expect(shown.text).not.toContain('<button>')
    expect((await ask('POST', link())).status).toBe(410)
    expect(commands).toEqual([])
  })

  test('says what the engine refuses, and what it has not done yet', async () => {
    const refused = await server({ answer: { ok: false, reason: 'the alert is <pending>' } })
    expect(await refused.ask('POST', link())).toMatchObject({
      status: 409,
      text: expect.stringContaining('Nothing was done: the alert is &lt;pending&gt;.') as string,
    })
    const later = await server({ answer: null })
    expect((await later.ask('POST', link())).status).toBe(202)
  })

  test('shows as text whatever the alert holds', async () => {
    const { ask } = await server({ known: { title: '<img src=x onerror=alert(1)>', body: '</pre><script>' } })
    const { text } = await ask('GET', link())
    expect(text).not.toMatch(/<img|<script/)
    expect(text).toContain('&lt;img src=x')
  })
})

test('everything else stays closed to other names', async () => {
  const { ask } = await server()
  for (const path of ['/api/alerts/ack?key=nas', '/alert/x', '/healthz'])
    expect((await ask('POST', path)).status).toBe(403)
})
