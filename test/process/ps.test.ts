import { describe, expect, test } from 'vitest'
import { openPs, parsePsLine } from '../../src/process/ps.ts'
import { itWith } from '../support/tools.ts'

describe('a line of ps', () => {
  test('tells what macOS writes', () => {
    const line =
      'Tue Jan  6 09:15:02 2026   501   1   500 media  S+    12:03.50 1-02:03:04  20480 /Applications/My App.app/x --y z'
    expect(parsePsLine(line)).toMatchObject({
      identity: { boot: 'ps', pid: 501, startTicks: Date.parse('Tue Jan 6 09:15:02 2026') / 1000 },
      ppid: 1,
      group: 500,
      user: 'media',
      state: 'sleeping',
      cpuMs: 723_500,
      ageMs: 93_784_000,
      memoryBytes: 20 * 2 ** 20,
      commandLine: '/Applications/My App.app/x --y z',
    })
  })

  test('is nothing when it is something else', () => {
    expect(parsePsLine('')).toBeUndefined()
    expect(parsePsLine('ps: illegal option')).toBeUndefined()
  })
})

itWith('ps')('the fallback sees this process as the table and the look do', async () => {
  const source = openPs()
  const own = (await source.read()).byPid.get(process.pid)
  expect(own?.identity).toEqual(source.look(process.pid)?.identity)
  expect(own?.ppid).toBe(process.ppid)
  expect(source.look(2 ** 22 + 1)).toBeUndefined()
})
