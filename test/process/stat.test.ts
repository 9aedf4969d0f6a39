import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseStat } from '../../src/process/stat.ts'

const line = (pid: number, name: string, start: number): string =>
  `${pid} (${name}) S 1 ${pid} ${pid} 0 -1 4194560 100 0 0 0 7 5 0 0 20 0 1 0 ${start} 2490368 800 18446744073709551615\n`

describe('a line of /proc/<pid>/stat', () => {
  test('tells name, state, parent, processor time and start', () => {
    expect(parseStat(line(42, 'bash', 9001))).toEqual({
      pid: 42,
      name: 'bash',
      state: 'sleeping',
      ppid: 1,
      group: 42,
      session: 42,
      cpuTicks: 12,
      startTicks: 9001,
      memoryPages: 800,
    })
  })

  test('keeps its fields apart whatever the name holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 15 }), fc.nat(), (name, start) => {
        expect(parseStat(line(7, name, start))).toMatchObject({ pid: 7, name, ppid: 1, startTicks: start })
      }),
      {
        examples: [
          [') S 1 1 (', 5],
          ['a) R 2', 6],
          ['', 0],
        ],
      },
    )
  })

  test('is nothing when it is cut short anywhere', () => {
    const whole = line(42, 'a b) c', 123456)
    const upToMemory = whole.indexOf(' 800')
    for (let length = 0; length <= upToMemory; length++)
      expect(parseStat(whole.slice(0, length))).toBeUndefined()
  })
})
