import { InvalidArgumentError } from 'commander'
import { expect, it } from 'vitest'
import { localSecond } from '../../../src/base/local-time.ts'
import { UserError } from '../../../src/cli/frame/command.ts'
import { limitOption, portOption, readMoment, readSpan } from '../../../src/cli/frame/options.ts'

const NOW = Date.UTC(2026, 10, 22, 14)
const HOUR_MS = 3_600_000

it('takes a whole number from 1 for a limit, 50 where none is given', () => {
  const option = limitOption()
  const read = (text: string): unknown => option.parseArg?.(text, undefined)
  expect([option.defaultValue, read('1'), read('200')]).toEqual([50, 1, 200])
  for (const text of ['0', '-1', '1.5', '1e3', '', 'many', '99999999999999999999'])
    expect(() => read(text)).toThrow(InvalidArgumentError)
})

it('takes a port from 0 to 65535', () => {
  const option = portOption('--port <port>', 'where clients connect')
  const read = (text: string): unknown => option.parseArg?.(text, undefined)
  expect([read('0'), read('1883'), read('65535')]).toEqual([0, 1_883, 65_535])
  for (const text of ['65536', '-1', '0x10', '', 'http'])
    expect(() => read(text)).toThrow(InvalidArgumentError)
})

it('reads a moment as an age or as a time, and says what is neither', () => {
  expect(readMoment('1h', NOW)).toBe(NOW - HOUR_MS)
  expect(readMoment('2026-11-22T14:00:00Z', NOW)).toBe(NOW)
  expect(readMoment(undefined, NOW)).toBeUndefined()
  expect(() => readMoment('yesterday', NOW)).toThrow(UserError)
})

it('reads a span whose ends are in order, or open', () => {
  expect(readSpan({ since: '2h', until: '1h' }, NOW)).toEqual({
    since: NOW - 2 * HOUR_MS,
    until: NOW - HOUR_MS,
  })
  expect(readSpan({}, NOW)).toEqual({ since: undefined, until: undefined })
  expect(() => readSpan({ since: '1h', until: '2h' }, NOW)).toThrow(
    new UserError(
      `--since (${localSecond(NOW - HOUR_MS)}) is later than --until (${localSecond(NOW - 2 * HOUR_MS)}).`,
    ),
  )
})
