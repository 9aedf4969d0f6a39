import { expect, it } from 'vitest'
import { formatDuration, formatSize, parseDuration, parseSize } from '../../src/base/quantities.ts'

it.each([
  ['250ms', 250],
  ['30s', 30_000],
  ['1.5h', 5_400_000],
  ['7d', 604_800_000],
  ['2w', 1_209_600_000],
  ['0s', 0],
])('reads the duration %s as %d ms', (text, lengthMs) => {
  expect(parseDuration(text)).toBe(lengthMs)
})

it.each(['', '5', 's', '5 s', '-5s', '5M', '1e3s', '5sec', '5constructor'])(
  'refuses the duration "%s"',
  (text) => {
    expect(() => parseDuration(text)).toThrow(`${JSON.stringify(text)} is not a duration such as '250ms'`)
  },
)

it.each([
  ['512B', 512],
  ['64KiB', 65_536],
  ['2GiB', 2_147_483_648],
  ['5MB', 5_000_000],
])('reads the size %s as %d bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

it('refuses a size without a unit', () => {
  expect(() => parseSize('100')).toThrow('"100" is not a size')
})

it.each([
  [420, '420ms'],
  [999.6, '1s'],
  [1_500, '1.5s'],
  [90_500, '1m 31s'],
  [3_600_000, '1h'],
  [90_061_000, '1d 1h'],
  [-5_000, '-5s'],
])('writes %d ms as %s', (lengthMs, text) => {
  expect(formatDuration(lengthMs)).toBe(text)
})

it.each([
  [0, '0 B'],
  [1_536, '1.5 KiB'],
  [2 ** 31, '2 GiB'],
])('writes %d bytes as %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text)
})
