import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { ConnectRate } from '../../../src/broker/socket/connect-rate.ts'

const attempts = (rate: ConnectRate, address: string, count: number): number =>
  Array.from({ length: count }, () => rate.take(address)).filter(Boolean).length

it('lets an address connect ten seconds worth at once, and then at its rate', () => {
  const clock = new ManualClock()
  const rate = new ConnectRate(clock, 5)
  expect(attempts(rate, '192.0.2.1', 100)).toBe(50)
  clock.advance(1_000)
  expect(attempts(rate, '192.0.2.1', 100)).toBe(5)
  clock.advance(3_600_000)
  expect(attempts(rate, '192.0.2.1', 100)).toBe(50)
})

it('counts each address by itself', () => {
  const rate = new ConnectRate(new ManualClock(), 1)
  expect(attempts(rate, '192.0.2.1', 100)).toBe(10)
  expect(attempts(rate, '2001:db8::1', 100)).toBe(10)
})

it.each(['127.0.0.1', '127.8.9.1', '::ffff:127.0.0.1', '::1'])(
  'does not count %s, which is this machine',
  (address) => {
    expect(attempts(new ConnectRate(new ManualClock(), 1), address, 100)).toBe(100)
  },
)

it('has no limit when it is set to 0', () => {
  expect(attempts(new ConnectRate(new ManualClock(), 0), '192.0.2.1', 1_000)).toBe(1_000)
})

it('is not fooled by a wall clock that is set', () => {
  const clock = new ManualClock(1_000_000)
  const rate = new ConnectRate(clock, 1)
  attempts(rate, '192.0.2.1', 10)
  clock.set(9_000_000)
  expect(rate.take('192.0.2.1')).toBe(false)
})

it('remembers a bounded number of addresses', () => {
  const rate = new ConnectRate(new ManualClock(), 1)
  attempts(rate, '192.0.2.1', 10)
  for (let number = 0; number < 10_000; number++) rate.take(`2001:db8::${number.toString(16)}`)
  expect(rate.take('192.0.2.1')).toBe(true) // forgotten
})
