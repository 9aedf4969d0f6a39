import { expect, it } from 'vitest'
import { localSecond, localTime } from '../../src/base/local-time.ts'

it('writes a moment in local time, every part with all its digits', () => {
  const at = new Date(2026, 0, 2, 3, 4, 5, 6).getTime()
  expect(localTime(at)).toBe('2026-01-02 03:04:05.006')
  expect(localSecond(at)).toBe('2026-01-02 03:04:05')
  expect(localTime(new Date(2026, 10, 22, 14, 13, 57, 42).getTime())).toBe('2026-11-22 14:13:57.042')
})
