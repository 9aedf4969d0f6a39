// One table for every channel over HTTP: what it sends for a new, a repeated and a resolved alert, to the
// letter, and what it makes of each answer of its service.

import { describe, expect, it } from 'vitest'
import type { Telling, Told } from '../../src/channels/channel.ts'
import { openChannels } from '../../src/channels/open.ts'
import type { ChannelSpec } from '../../src/model/channel.ts'
import type { Json } from '../../src/model/json.ts'
import { OCCASIONS } from '../../src/model/notification.ts'
import type { Notification } from '../../src/model/notification.ts'
import { fakeService } from './fake-service.ts'
import type { Answer, Asked, Behaviour, FakeService } from './fake-service.ts'
import { acknowledged, attempt, endless, firing, reminder, resolved } from './notifications.ts'

type Secrets = Readonly<Record<string, string>>

export interface HttpChannel {
  /** A channel of the kind whose service is at this address. */
  readonly at: (url: string) => ChannelSpec
  /** The address of the service may be one of them. */
  readonly secrets: Secrets | ((url: string) => Secrets)
  /** What the service answers when it has taken a request. */
  readonly takes: Answer | ((request: Asked) => Answer)
  /** The exact requests for each telling of one notification, each with the handle of the one before. */
  readonly sends: {
    readonly firing: readonly Asked[]
    readonly reminder: readonly Asked[]
    readonly acknowledged: readonly Asked[]
    readonly resolved: readonly Asked[]
  }
  /** Whether tellings behind the first change what people see in place. */
  readonly updates: boolean
  /** The key against doubles in a request; `null` where the service has none. */
  readonly keyIn: ((request: Asked) => unknown) | null
  /** An answer that says in the service's own way how long to wait, and how long that is. */
  readonly ownPause?: { readonly answer: Answer; readonly ms: number }
  /** The longest text that the service takes, and where it is in a request; absent without a limit. */
  readonly limit?: {
    readonly of: (request: Asked) => unknown
    readonly most: number
    readonly in: 'bytes' | 'characters'
  }
  /** What an answer without a body is taken for: not every 2xx comes from the service. */
  readonly empty: Readonly<Record<200 | 202 | 204, Told['kind']>>
}

export function tellTo(spec: ChannelSpec, notification: Notification, telling: Telling): Promise<Told> {
  const channel = openChannels({ phone: spec }).get('phone')
  if (!channel) throw new Error('The channel was not opened.')
  return channel.tell(notification, telling)
}

export function describeHttpChannel(kind: string, row: HttpChannel): void {
  const secretsAt = (url: string): Secrets =>
    typeof row.secrets === 'function' ? row.secrets(url) : row.secrets
  const { at, takes, sends, updates, keyIn, ownPause, limit } = row

  /** Tells against a service that behaves so. */
  async function tell(
    behaviours: readonly Behaviour[],
    notification = firing,
    more: Parameters<typeof attempt>[1] = {},
  ) {
    const service = await fakeService(...behaviours)
    const told = await tellTo(at(service.url), notification, attempt(secretsAt(service.url), more))
    return { told, asked: service.asked }
  }

  describe(`the channel ${kind}`, () => {
    it('sends these requests as an alert fires, goes on, is acknowledged and resolves', async () => {
      const { url, asked } = await fakeService(takes)
      let handle: Json | null = null
      for (const [name, notification] of Object.entries({ firing, reminder, acknowledged, resolved })) {
        const seen = asked.length
        const told = await tellTo(
          at(url),
          notification,
          attempt(secretsAt(url), { handle, key: `telling-${name}` }),
        )
        expect({ name, asked: asked.slice(seen) }).toEqual({ name, asked: sends[name as keyof typeof sends] })
        if (told.kind !== 'told') throw new Error(`It is not told: ${told.reason}`)
        expect(told.isUpdate).toBe(updates && notification !== firing)
        handle = told.handle
      }
    })

    it.each(OCCASIONS)('tells of the occasion %s', async (occasion) => {
      const { told } = await tell([takes], { ...firing, occasion })
      expect(told).toMatchObject({ kind: 'told' })
    })

    it.each([200, 202, 204] as const)('takes an empty answer %i for what it is', async (status) => {
      const { told } = await tell([{ status }])
      expect(told).toMatchObject({ kind: row.empty[status] })
    })

    it.each([401, 403, 404, 410])('gives up after %i, and says what the service says', async (status) => {
      const { told } = await tell([{ status, body: 'no such token' }])
      expect(told).toEqual({
        kind: 'gone',
        reason: expect.stringContaining(`was answered with ${status}: no such token`),
      })
    })

    it.each([400, 413])('tells once more, shortened, after %i', async (status) => {
      const { told, asked } = await tell([{ status }, takes])
      expect(told).toMatchObject({ kind: 'told' })
      const [long, short] = asked.slice(-2).map(({ body }) => JSON.stringify(body))
      expect(long).toContain('No answer for')
      expect(short).not.toContain('No answer for')
      const { told: again, asked: all } = await tell([{ status }])
      expect(again).toMatchObject({ kind: 'bad' })
      expect(all).toHaveLength(2)
    })

    it('waits as long as Retry-After says', async () => {
      const { told } = await tell([{ status: 429, headers: { 'Retry-After': '7' } }])
      expect(told).toMatchObject({ kind: 'later', afterMs: 7_000 })
    })

    it.each(given(ownPause))('waits as long as the service says in its own way', async ({ answer, ms }) => {
      const { told } = await tell([answer])
      expect(told).toMatchObject({ kind: 'later', afterMs: ms })
    })

    it.each([408, 500, 503])('tries again later after %i', async (status) => {
      const { told } = await tell([{ status }])
      expect(told).toMatchObject({ kind: 'later', reason: expect.stringContaining(String(status)) })
    })

    it('ends with the attempt when the service says nothing', async () => {
      const service = await fakeService('hangs')
      const ending = new AbortController()
      const told = tellTo(at(service.url), firing, attempt(secretsAt(service.url), { signal: ending.signal }))
      await service.whenAsked(1)
      ending.abort(new Error('timed out after 30s'))
      expect(await told).toMatchObject({
        kind: 'later',
        reason: expect.stringContaining('timed out after 30s'),
      })
    })

    it('tries again when the service dies with a request', async () => {
      const service = await fakeService('dies', takes)
      const once = () => tellTo(at(service.url), firing, attempt(secretsAt(service.url)))
      expect(await once()).toMatchObject({ kind: 'later' })
      expect(await once()).toMatchObject({ kind: 'told' })
    })

    it.each(given(keyIn))('gives the service the same key with each attempt, and no other', async (keyOf) => {
      const { url, asked } = await fakeService('dies', takes)
      const secrets = secretsAt(url)
      await tellTo(at(url), firing, attempt(secrets))
      await tellTo(at(url), firing, attempt(secrets))
      await tellTo(at(url), { ...firing, id: 'another' }, attempt(secrets, { key: 'telling-2' }))
      const [first, second, third] = asked.map(keyOf)
      expect(first).toEqual(expect.stringMatching(/./))
      expect(second).toBe(first)
      expect(third).not.toBe(first)
    })

    it('tells no value of a secret, whatever the service answers', async () => {
      const valuesAt = (url: string): string[] => Object.values(secretsAt(url))
      const echo: FakeService = await fakeService(() => ({ status: 401, body: valuesAt(echo.url).join(' ') }))
      for (const { url } of [echo, await fakeService(takes)]) {
        const told = JSON.stringify(await tellTo(at(url), firing, attempt(secretsAt(url))))
        for (const value of valuesAt(url)) expect(told).not.toContain(value)
      }
    })

    it('says which secret is missing', async () => {
      const { url } = await fakeService(takes)
      const told = await tellTo(at(url), firing, attempt({}))
      expect(told).toMatchObject({ kind: 'gone', reason: expect.stringMatching(/Secret \w+ is not set/) })
    })

    it.each(given(limit))(
      'cuts what is longer than the service takes, and links to the whole',
      async (bound) => {
        const { asked } = await tell([takes], endless)
        const sent = String(bound.of(asked.at(-1) as Asked))
        expect(bound.in === 'bytes' ? Buffer.byteLength(sent) : sent.length).toBeLessThanOrEqual(bound.most)
        expect(sent).toContain('…')
        expect(sent).not.toContain('END')
        expect(sent.isWellFormed()).toBe(true)
        expect(JSON.stringify(asked)).toContain(endless.links.show)
      },
    )
  })
}

/** Rows for what only some channels have. */
const given = <T>(one: T | null | undefined): T[] => (one === null || one === undefined ? [] : [one])
