import { expect, it } from 'vitest'
import { Arrivals } from '../../../src/broker/delivery/arrivals.ts'
import { AT_ONCE } from '../../../src/model/store.ts'
import { encodePropertyBytes, type UserProperty } from '../../../src/mqtt/properties.ts'

function arrivals(most?: number) {
  const all = new Arrivals('here', most)
  let event = 100
  return (topic: string, ...userProperties: UserProperty[]): string => {
    let became = 'known'
    const properties = userProperties.length === 0 ? null : encodePropertyBytes({ userProperties })
    const given = all.once(
      { topic, properties },
      () => ((became = 'published'), ++event),
      () => (became = 'looped'),
    )
    return `${became} ${given}`
  }
}

it('takes a message once, by whatever way it comes', () => {
  const arrive = arrivals()
  expect(arrive('t', ['vigie-path', 'a'], ['vigie-event', '7'])).toBe('published 101')
  expect(arrive('t', ['vigie-path', 'a b'], ['vigie-event', '7'])).toBe('known 101')
  expect(arrive('t', ['vigie-path', 'b'], ['vigie-event', '7'])).toBe('published 102')
  expect(arrive('x/t', ['vigie-path', 'a b'], ['vigie-event', '7'])).toBe('published 103')
})

it('takes whatever has no name, as often as it comes', () => {
  const arrive = arrivals()
  expect([arrive('t'), arrive('t', ['vigie-path', 'a']), arrive('t', ['vigie-path', 'a'])]).toEqual([
    'published 101',
    'published 102',
    'published 103',
  ])
})

it('takes nothing that has been here', () => {
  expect(arrivals()('t', ['vigie-path', 'a here b'], ['vigie-event', '7'])).toBe(`looped ${AT_ONCE}`)
})

it('remembers the newest messages, and as many before them at most', () => {
  const arrive = arrivals(3)
  const event = (number: number) => arrive('t', ['vigie-path', 'a'], ['vigie-event', String(number)])
  for (let number = 1; number <= 7; number++) event(number)
  expect([event(7), event(4), event(1)]).toEqual(['known 107', 'known 104', 'published 108'])
})
