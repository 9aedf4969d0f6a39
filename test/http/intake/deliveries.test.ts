import { describe, expect, it } from 'vitest'
import { Deliveries, DELIVERY_PROPERTY, INTAKE_PROPERTY } from '../../../src/http/intake/deliveries.ts'
import type { Event } from '../../../src/model/event.ts'
import type { HistoryPage, HistoryPageQuery } from '../../../src/model/queries.ts'
import { encodePropertyBytes } from '../../../src/mqtt/properties.ts'
import { event } from '../../journal/nouns.ts'

const delivered = (id: number, delivery: string, intake = 'ci'): Event =>
  event(id, {
    properties: encodePropertyBytes({
      userProperties: [
        [INTAKE_PROPERTY, intake],
        [DELIVERY_PROPERTY, delivery],
      ],
    }),
  })

/** A history, oldest first, that gives at most so many events a page. */
const history =
  (events: readonly Event[], most: number, asked: HistoryPageQuery[] = []) =>
  async (query: HistoryPageQuery): Promise<HistoryPage> => {
    asked.push(query)
    const { before = Infinity, limit } = query
    const older = events.filter(({ id }) => id < before).toReversed()
    const page = older.slice(0, Math.min(most, limit))
    return { events: page, reached: page.at(-1)?.id ?? 0, isAll: page.length === older.length }
  }

describe('the deliveries of an intake', () => {
  it('are known from the history, which is read once, in pages of bounded size', async () => {
    const asked: HistoryPageQuery[] = []
    const events = [
      delivered(1, 'a'),
      delivered(2, 'b'),
      delivered(3, 'c', 'other'),
      event(4),
      delivered(5, 'd'),
    ]
    const deliveries = new Deliveries('ci', 'in/ci/+', { historyPage: history(events, 2, asked) })
    const publish = async (): Promise<number> => 6
    expect(await deliveries.once('a', publish)).toEqual({ event: 1, isRepeated: true })
    expect(await deliveries.once('d', publish)).toEqual({ event: 5, isRepeated: true })
    expect(await deliveries.once('c', publish)).toEqual({ event: 6, isRepeated: false })
    expect(asked.map(({ before }) => before)).toEqual([undefined, 4, 2])
    expect(asked.every(({ bytes, looks }) => bytes !== undefined && looks !== undefined)).toBe(true)
  })

  it('are read again by the next delivery when the history could not be read', async () => {
    const read = history([delivered(1, 'a')], 10)
    let isDown = true
    const deliveries = new Deliveries('ci', 'in/ci/+', {
      historyPage: (query) => (isDown ? Promise.reject(new Error('no thread')) : read(query)),
    })
    let published = 0
    const publish = async (): Promise<number> => ++published + 1
    await expect(deliveries.once('a', publish)).rejects.toThrow('no thread')
    expect(published).toBe(0)
    isDown = false
    expect(await deliveries.once('a', publish)).toEqual({ event: 1, isRepeated: true })
    expect(await deliveries.once('b', publish)).toEqual({ event: 2, isRepeated: false })
  })

  it('are forgotten when they could not be published, so that the service may try again', async () => {
    const deliveries = new Deliveries('ci', 'in/ci/+', { historyPage: history([], 10) })
    await expect(deliveries.once('a', () => Promise.reject(new Error('full')))).rejects.toThrow('full')
    expect(await deliveries.once('a', async () => 1)).toEqual({ event: 1, isRepeated: false })
  })
})
