// Covers `src/http/live/live.ts`, `src/http/live/live-routes.ts`, `src/http/live/search.ts`, `src/http/live/tap.ts`,
// `src/http/live/seen-topics.ts`, `src/http/live/topics-feed.ts`, `src/http/live/views.ts`, `src/http/live/watcher.ts`.

import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import { FRAME_MS, Live, type LiveQueries, MOST_WATCHERS } from '../../../src/http/live/live.ts'
import { pageLiveRoutes } from '../../../src/http/live/live-routes.ts'
import { Search } from '../../../src/http/live/search.ts'
import { TopicIndex } from '../../../src/http/live/topic-index.ts'
import {
  type Frame,
  type LiveViews,
  type MessagesFrame,
  type TopicsFrame,
  viewsSchema,
} from '../../../src/http/live/views.ts'
import type { Viewer } from '../../../src/http/live/watcher.ts'
import { serve } from '../../../src/http/serve.ts'
import { event } from '../../journal/nouns.ts'
import { admitAll } from '../open.ts'
import type { Rights } from '../../../src/model/access.ts'
import type { Observer } from '../../../src/model/observer.ts'
import type { LastEvent, TopicStatus } from '../../../src/model/queries.ts'

const NOTHING: LiveQueries = {
  topics: async () => ({ topics: [], isAll: true }),
  lastEvents: async () => [],
  searchPayloads: async () => ({ topics: [], after: null }),
}

/** Somebody who may see everything. */
const ANYBODY: Viewer = { sees: null, isStill: () => true, end: () => {} }

function lookout(queries: Partial<LiveQueries> = {}) {
  const clock = new ManualClock(1_000_000)
  let observer: Observer | null = null
  const retained = new Set<string>()
  const live = new Live({
    observe: (next) => {
      observer = next
    },
    isRetained: (topic) => retained.has(topic),
    queries: { ...NOTHING, ...queries },
    clock,
    log: silentLog,
  })
  onTestFinished(() => live.stop())
  const routings = new Map<string, { topic: string; recorded: boolean; observed: object | null }>()
  let last = 100
  return {
    live,
    clock,
    retained,
    isObserving: () => observer !== null,
    publish: (topic: string, text: string): void => {
      const routing = routings.get(topic) ?? { topic, recorded: true, observed: null }
      routings.set(topic, routing)
      const payload = Buffer.from(text)
      const draft = { payload, payloadStart: 0, payloadEnd: payload.length }
      observer?.(routing, { qos: 0, retain: false, event: ++last, draft }, 'live', 'lamp')
    },
    /** Opens a page; what it is sent is in the list. */
    open: (id: string, views: LiveViews, viewer = ANYBODY): Frame[] => {
      const frames: Frame[] = []
      const take = async (name: string, text: string): Promise<void> => {
        if (name === 'frame') frames.push(JSON.parse(text) as Frame)
      }
      live.enter(id, take, viewer)
      live.want(id, viewsSchema.parse(views))
      return frames
    },
    frame: async (): Promise<void> => {
      clock.advance(FRAME_MS)
      await settled()
    },
  }
}

/** What was asked of the history has been answered. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const topicsIn = (frame: Frame | undefined): TopicsFrame => frame!.views['t'] as TopicsFrame
const messagesIn = (frame: Frame | undefined): MessagesFrame => frame!.views['m'] as MessagesFrame

describe('a page that shows topics', () => {
  it('is told what changed in the rows that it shows, once', async () => {
    const { open, publish, frame } = lookout()
    const frames = open('p', { t: { kind: 'topics', open: ['house'] } })
    await frame()
    publish('house/lamp', 'on')
    publish('garden/gate', 'open')
    await frame()
    expect(topicsIn(frames.at(-1)).rows?.map(({ topic, level }) => [topic, level])).toEqual([
      ['garden', 1],
      ['house', 1],
      ['house/lamp', 2],
    ])
    await frame()
    publish('house/lamp', 'off')
    await frame()
    const { rows, facts } = topicsIn(frames.at(-1))
    expect(rows).toBeUndefined()
    expect(Object.keys(facts)).toEqual(['house', 'house/lamp'])
    expect(facts['house/lamp']).toMatchObject({
      messages: 2,
      value: { text: 'off' },
      bytes: 3,
      isRetained: false,
    })
    const count = frames.length
    await frame()
    await frame()
    // The rate of everything falls, and nothing else is told.
    expect(frames.slice(count).flatMap((each) => Object.keys(topicsIn(each).facts))).toEqual([])
  })

  it('begins with what the history knows, in pages, and with its values', async () => {
    const all: TopicStatus[] = Array.from({ length: 2_401 }, (_, at) => ({
      topic: `t/${String(at).padStart(4, '0')}`,
      events: 3,
      last: event(at + 1, { at: 7 }),
      retained: false,
    }))
    const asked: (string | undefined)[] = []
    const { open, frame } = lookout({
      topics: async ({ after = '', limit }) => {
        asked.push(after)
        const topics = all.filter(({ topic }) => topic > after).slice(0, limit)
        return { topics, isAll: topics.at(-1) === all.at(-1) }
      },
      lastEvents: async ({ topics }) =>
        topics.map((topic): LastEvent => {
          const { last } = all.find((each) => each.topic === topic)!
          return {
            topic,
            event: last!.id,
            at: 7,
            qos: 0,
            retain: false,
            payload: Buffer.from('old'),
            bytes: 3,
          }
        }),
    })
    const frames = open('p', { t: { kind: 'topics', open: ['t'], from: 400, count: 2 } })
    await frame()
    await frame()
    await frame()
    const last = topicsIn(frames.at(-1))
    expect(asked).toEqual(['', 't/0999', 't/1999'])
    expect(last).toMatchObject({ topics: 2_401, total: 2_402, isRestoring: false })
    const facts = Object.assign({}, ...frames.map((each) => topicsIn(each).facts)) as TopicsFrame['facts']
    expect(facts['t/0399']).toMatchObject({ messages: 3, lastAt: 7, value: { text: 'old' } })
  })

  it('costs nothing before it is opened, and nothing a minute after it was closed', async () => {
    const { live, clock, isObserving, open, frame } = lookout()
    expect([isObserving(), clock.nextAt]).toEqual([false, null])
    open('p', { t: { kind: 'topics' } })
    await frame()
    expect(isObserving()).toBe(true)
    live.leave('p')
    clock.advance(59_000)
    expect(isObserving()).toBe(true)
    clock.advance(1_000)
    expect([isObserving(), clock.nextAt]).toEqual([false, null])
  })

  it('that is slow misses frames and nothing of the state', async () => {
    const { live, clock, publish } = lookout()
    const frames: Frame[] = []
    let release = (): void => {}
    live.enter(
      'p',
      (name, text) => {
        if (name === 'frame') frames.push(JSON.parse(text) as Frame)
        return new Promise((resolve) => {
          release = resolve
        })
      },
      ANYBODY,
    )
    live.want('p', viewsSchema.parse({ t: { kind: 'topics' } }))
    const before = frames.length
    publish('a', '1')
    clock.advance(10 * FRAME_MS)
    publish('a', '2')
    clock.advance(10 * FRAME_MS)
    expect(frames).toHaveLength(before)
    release()
    await settled()
    clock.advance(FRAME_MS)
    expect(topicsIn(frames.at(-1)).facts['a']).toMatchObject({ messages: 2 })
  })

  it('sees when a message is retained and no more', async () => {
    const { open, publish, frame, retained } = lookout()
    const frames = open('p', { t: { kind: 'topics' } })
    await frame()
    publish('a', '1')
    retained.add('a')
    await frame()
    expect(topicsIn(frames.at(-1)).facts['a']?.isRetained).toBe(true)
    await frame()
    retained.delete('a')
    await frame()
    expect(topicsIn(frames.at(-1)).facts['a']?.isRetained).toBe(false)
  })
})

describe('a page whose caller may not receive everything', () => {
  /** Receives what is under `house/`, but not what is under `house/safe/`. */
  const rightsTo = (...firsts: readonly string[]): Rights => {
    const may = (topic: string): boolean =>
      firsts.includes(topic.split('/')[0]!) && !topic.startsWith('house/safe/')
    return { mayPublish: () => false, mayReceive: may, mayReceiveAll: may, maySubscribe: may }
  }
  const guest = (): Viewer & { ended: boolean; still: boolean } => {
    const viewer = {
      sees: rightsTo('house'),
      still: true,
      ended: false,
      isStill: () => viewer.still,
      end: () => void (viewer.ended = true),
    }
    return viewer
  }

  it('shows the tree of what it may, and no figure that counts something else', async () => {
    const { open, frame, publish, retained } = lookout()
    for (const topic of ['house', 'safe', 'vigie', 'garage']) publish(`${topic}/early`, '1')
    retained.add('house/safe/code')
    const levels = ['house', 'garage', 'vigie', 'house/hall']
    const frames = open('p', { t: { kind: 'topics', open: levels } }, guest())
    await frame()
    for (const topic of ['house/hall/lamp', 'house/safe/code', 'garage/door', 'vigie/clients/a'])
      publish(topic, 'x')
    await frame()
    await frame()
    publish('house/hall/lamp', 'x')
    await frame()
    const shown = frames.map(({ views }) => views['t'] as TopicsFrame).findLast(({ rows }) => rows)!
    expect(shown.rows?.map(({ topic, children, size }) => [topic, children, size])).toEqual([
      ['house', 1, 1],
      ['house/hall', 1, 1],
      ['house/hall/lamp', 0, 1],
    ])
    expect([shown.topics, shown.rate]).toEqual([1, 0])
    const facts = Object.assign({}, ...frames.map(({ views }) => (views['t'] as TopicsFrame).facts))
    expect(Object.keys(facts)).toEqual(['house', 'house/hall', 'house/hall/lamp'])
    expect(facts['house']).toMatchObject({ isTopic: false, topics: 1, messages: 0, value: null })
    expect(facts['house/hall/lamp']).toMatchObject({ messages: 2, value: { text: 'x' } })
    expect(JSON.stringify(frames)).not.toMatch(/safe|code|garage|vigie/)
  })

  it('finds, and is sent as they come, only messages that it may receive', async () => {
    const { open, frame, publish } = lookout()
    const views = {
      s: { kind: 'topics', search: { text: 'o' } },
      m: { kind: 'messages', filter: '#' },
    } as const
    const frames = open('p', views, guest())
    await frame()
    for (const topic of ['house/lock', 'house/safe/code', 'garage/door']) publish(topic, 'x')
    await frame()
    const again = open('q', views, guest())
    await vi.waitFor(async () => {
      await frame()
      const found = again.flatMap(({ views: { s } }) => (s as TopicsFrame | undefined)?.rows ?? [])
      expect(found.map(({ topic }) => topic)).toEqual(['house/lock'])
    })
    const sent = frames.flatMap(({ views: { m } }) => (m as MessagesFrame | undefined)?.messages ?? [])
    expect(sent.map(({ topic }) => topic)).toEqual(['house/lock'])
    expect(JSON.stringify([frames, again])).not.toMatch(/safe|garage/)
  })

  it('ends as soon as the caller has other rights', () => {
    const { open, clock } = lookout()
    const viewer = guest()
    open('p', { t: { kind: 'topics' } }, viewer)
    clock.advance(FRAME_MS)
    expect(viewer.ended).toBe(false)
    viewer.still = false
    clock.advance(FRAME_MS)
    expect(viewer.ended).toBe(true)
  })
})

describe('a search', () => {
  const find = async (search: NonNullable<Extract<LiveViews[string], { kind: 'topics' }>['search']>) => {
    const { open, publish, frame } = lookout({
      searchPayloads: async ({ text, after }) =>
        after === '' ? { topics: [`house/${text}`], after: 'm' } : { topics: ['x/other'], after: null },
    })
    const frames = open('p', { t: { kind: 'topics', search } })
    for (const topic of ['house/lamp', 'House/Gate', 'car/lamp', '$odd', 'x/other', 'house/warm'])
      publish(topic, '1')
    open('p', { t: { kind: 'topics', search: { text: 'never' } } })
    const again = open('p', { t: { kind: 'topics', search } })
    for (let turn = 0; turn < 4; turn++) await frame()
    const last = [...frames, ...again].findLast((each) => topicsIn(each).rows !== undefined)
    return topicsIn(last).rows!.map(({ topic }) => topic)
  }

  it.each([
    [{ filter: '+/lamp' }, ['car/lamp', 'house/lamp']],
    [{ filter: '#' }, ['$odd', 'House/Gate', 'car/lamp', 'house/lamp', 'house/warm', 'x/other']],
    [{ text: 'hOuSe' }, ['House/Gate', 'house/lamp', 'house/warm']],
    [{ filter: 'house/#', text: 'm' }, ['house/lamp', 'house/warm']],
    [{ payload: 'warm' }, ['house/warm', 'x/other']],
    [{ payload: 'warm', filter: 'house/+' }, ['house/warm']],
  ])('for %j finds topics in order', async (search, topics) => {
    expect(await find(search)).toEqual(topics)
  })

  it('counts more than it lists', () => {
    const index = new TopicIndex()
    for (let at = 0; at < 10_050; at++) index.restore({ topic: `t/${at}`, events: 1, last: null })
    const search = new Search({ wanted: { filter: '#' }, index, queries: NOTHING, later: (next) => next() })
    search.start()
    expect([search.count, search.found.length, search.isSearching]).toEqual([10_050, 10_000, false])
  })

  it('lets others be heard after a few milliseconds', () => {
    const index = new TopicIndex()
    for (let at = 0; at < 1_000; at++) index.restore({ topic: `t/${at}`, events: 1, last: null })
    const now = vi.spyOn(performance, 'now')
    onTestFinished(() => now.mockRestore())
    let read = 0
    now.mockImplementation(() => (read += 2))
    const turns: (() => void)[] = []
    const search = new Search({
      wanted: { text: 't' },
      index,
      queries: NOTHING,
      later: (next) => turns.push(next),
    })
    search.start()
    expect(turns).toHaveLength(1)
    for (let next = turns.shift(); next; next = turns.shift()) next()
    expect(search.count).toBe(1_000)
  })
})

describe('a page that shows messages', () => {
  it('is sent so many a second, and told how many there were', async () => {
    const { open, publish, frame } = lookout()
    const frames = open('p', { m: { kind: 'messages', filter: 'a/+', perSecond: 8 } })
    for (let each = 0; each < 1_000; each++) publish('a/b', String(each))
    publish('b', 'not asked for')
    await frame()
    expect(messagesIn(frames.at(-1))).toMatchObject({ seen: 1_000, unsearched: 0 })
    expect(messagesIn(frames.at(-1)).messages.map(({ payload }) => payload.text)).toEqual(
      '01234567'.split(''),
    )
    for (let each = 0; each < 10; each++) publish('a/b', 'more')
    await frame()
    // A quarter of a second has gone by.
    expect(messagesIn(frames.at(-1)).messages).toHaveLength(2)
  })

  it('is sent those with a text in topic or payload, and told how many were not searched', async () => {
    const { open, publish, frame } = lookout()
    const frames = open('p', { m: { kind: 'messages', filter: '#', text: 'Needle' } })
    publish('needle/topic', '1')
    publish('hay', 'a NEEDLE in it')
    for (let each = 0; each < 2_100; each++) publish('hay', 'stack')
    await frame()
    const { messages, seen, unsearched } = messagesIn(frames.at(-1))
    expect([messages.map(({ topic }) => topic), seen, unsearched]).toEqual([['needle/topic', 'hay'], 2, 101])
  })

  it('has the beginning of a payload that is large, and base64 of one that is no text', async () => {
    const { open, publish, frame } = lookout()
    const frames = open('p', { m: { kind: 'messages', filter: '#' } })
    publish('large', 'é'.repeat(4_000))
    publish('odd', 'x')
    await frame()
    const [large] = messagesIn(frames.at(-1)).messages
    expect(large).toMatchObject({ bytes: 8_000, payload: { text: 'é'.repeat(2_048) } })
  })
})

describe('the routes of the page', () => {
  it('open a stream under a name, and take what the page shows by that name', async () => {
    const { live, isObserving } = lookout()
    const app = serve(pageLiveRoutes(live), admitAll)
    const response = await app.request('/api/live')
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const reader = response.body!.getReader()
    const read = async (): Promise<string> => Buffer.from((await reader.read()).value ?? []).toString()
    const id = /"id":"([^"]+)"/.exec(await read())![1]!
    const post = (path: string, body: unknown) =>
      app.request(path, { method: 'POST', body: JSON.stringify(body) })
    expect((await post(`/api/live/${id}`, { t: { kind: 'topics' } })).status).toBe(200)
    expect(isObserving()).toBe(true)
    expect(await read()).toContain('event: frame\ndata: {"at":')
    expect((await post('/api/live/other', { t: { kind: 'topics' } })).status).toBe(404)
    const wrong = await post(`/api/live/${id}`, { t: { kind: 'messages', filter: 'a/#/b' } })
    expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining('#')])
    await reader.cancel()
    await vi.waitFor(() => expect(live.open).toBe(0))
  })

  it('refuse more pages than can be told of everything, with a sentence', async () => {
    const { live } = lookout()
    for (let page = 0; page < MOST_WATCHERS; page++) live.enter(`p${page}`, async () => {}, ANYBODY)
    const response = await serve(pageLiveRoutes(live), admitAll).request('/api/live')
    expect(await response.text()).toContain('More than 32 pages are open on this hub; close one.')
  })
})
