import { expect, it, onTestFinished, vi } from 'vitest'
import { localSecond, localTime, useZone } from '../../src/base/local-time.ts'
import { parseMoment } from '../../src/base/moment.ts'

it('writes a moment in local time, every part with all its digits', () => {
  const at = new Date(2026, 0, 2, 3, 4, 5, 6).getTime()
  expect(localTime(at)).toBe('2026-01-02 03:04:05.006')
  expect(localSecond(at)).toBe('2026-01-02 03:04:05')
  expect(localTime(new Date(2026, 10, 22, 14, 13, 57, 42).getTime())).toBe('2026-11-22 14:13:57.042')
})

it('writes and reads UTC where that is asked for, and says so by a Z', () => {
  vi.stubEnv('TZ', 'America/St_Johns')
  onTestFinished(() => {
    useZone('local')
    vi.unstubAllEnvs()
  })
  expect(localSecond(Date.UTC(2026, 10, 22, 14))).toBe('2026-11-22 10:30:00')
  useZone('UTC')
  const at = Date.UTC(2026, 10, 22, 14, 13, 57, 42)
  expect(localTime(at)).toBe('2026-11-22 14:13:57.042Z')
  expect(localSecond(at)).toBe('2026-11-22 14:13:57Z')
  expect(parseMoment('2026-11-22 14:13:57.042', 0)).toBe(at)
  expect(parseMoment(localTime(at), 0)).toBe(at)
})
