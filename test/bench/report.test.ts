import { describe, expect, it } from 'vitest'
import { LOADS } from '../../bench/loads.ts'
import type { Figure } from '../../bench/loads.ts'
import { formatFigure, formatTable, judge, median } from '../../bench/report.ts'
import type { Entry } from '../../bench/report.ts'

const RATE: Figure = { title: 'fan-in', unit: '/s', of: () => 0, target: { atLeast: 20 } }
const LATENCY: Figure = { title: 'latency', unit: 'ms', of: () => 0, target: { under: 2 } }

function entry(figure: Figure, values: Record<string, number>, more: Partial<Entry> = {}): Entry {
  return { figure, values: new Map(Object.entries(values)), failed: new Set(), bounded: new Set(), ...more }
}

describe('the table', () => {
  it('shows rates as ratios to mosquitto, other figures as they are, and a verdict on each target', () => {
    const table = formatTable(
      [
        entry(RATE, { vigie: 4_000_000, mosquitto: 160_000, aedes: 80_000 }, { bounded: new Set(['vigie']) }),
        entry(LATENCY, { vigie: 3.14, mosquitto: 1 }, { failed: new Set(['aedes']) }),
        entry({ ...LATENCY, target: undefined }, { vigie: 0.5 }),
      ],
      ['vigie', 'mosquitto', 'aedes'],
    )
    expect(table.split('\n')).toEqual([
      '| load | vigie | mosquitto | aedes | target |  |',
      '| --- | ---: | ---: | ---: | ---: | --- |',
      '| fan-in | 25 × (4.0 M/s) \\* | 160 k/s | 0.50 × (80 k/s) | ≥ 20 × | met |',
      '| latency | 3.1 ms | 1.0 ms | failed | < 2 ms | missed |',
      '| latency | 0.50 ms |  |  |  |  |',
      '',
      '\\* The load generator had more than 85 % of its core to do: the broker may be faster.',
    ])
  })

  it.for<[Figure, Record<string, number>, string]>([
    [RATE, { vigie: 20, mosquitto: 1 }, 'met'],
    [RATE, { vigie: 19.9, mosquitto: 1 }, 'missed'],
    [RATE, { vigie: 20 }, ''],
    [RATE, { mosquitto: 1 }, ''],
    [LATENCY, { vigie: 1.99 }, 'met'],
    [LATENCY, { vigie: 2 }, 'missed'],
    [{ ...RATE, target: undefined }, { vigie: 20, mosquitto: 1 }, ''],
  ])('judges %o with %o as "%s"', ([figure, values, verdict]) => {
    expect(judge(entry(figure, values))).toBe(verdict)
  })

  it('takes the middle value as the median', () => {
    expect(median([5, 1, 9])).toBe(5)
    expect(median([4, 1, 9, 2])).toBe(3)
    expect(median([7])).toBe(7)
  })

  it('writes a figure with two digits or more, and its unit', () => {
    expect(formatFigure(12_345_678, '/s')).toBe('12 M/s')
    expect(formatFigure(148_400, '/s')).toBe('148 k/s')
    expect(formatFigure(99_700, '/s')).toBe('100 k/s')
    expect(formatFigure(0.7312, 'KiB')).toBe('0.73 KiB')
  })
})

describe('the loads', () => {
  it('have names of their own', () => {
    const names = LOADS.map((load) => load.name)
    expect(new Set(names).size).toBe(names.length)
  })
})
