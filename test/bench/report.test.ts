import { describe, expect, it } from 'vitest'
import { LOADS } from '../../bench/loads.ts'
import type { Figure } from '../../bench/loads.ts'
import { formatFigure, formatTable, judge, median } from '../../bench/report.ts'
import type { Entry } from '../../bench/report.ts'

const RATE: Figure = { title: 'fan-in', unit: '/s', of: () => 0, target: { atLeast: 20 } }
const LATENCY: Figure = { title: 'latency', unit: 'ms', of: () => 0, target: { under: 2 } }
const CPU: Figure = { title: 'CPU', unit: 'µs', of: () => 0, target: { atMost: 2.5 } }
const DISK = { title: 'the disk alone', measure: () => 0 }
const ALONE: Figure = { ...LATENCY, target: { above: 0.8 }, limit: DISK }
const STEPS: Figure = { ...RATE, target: { atLeast: 0.6, of: 'limit' }, limit: { ...DISK, title: 'spawn' } }

function entry(figure: Figure, values: Record<string, number>, more: Partial<Entry> = {}): Entry {
  const none = { cpu: new Map(), failed: new Set<string>(), bounded: new Set<string>() }
  return { figure, values: new Map(Object.entries(values)), ...none, ...more }
}

describe('the table', () => {
  it('shows rates as ratios to mosquitto, other figures as they are, and a verdict on each target', () => {
    const table = formatTable(
      [
        entry(
          RATE,
          { vigie: 4_000_000, mosquitto: 160_000, aedes: 80_000 },
          { bounded: new Set(['vigie']), cpu: new Map([['vigie', 0.25]]) },
        ),
        entry(CPU, { vigie: 0.3, relay: 0.1, mosquitto: 5 }),
        entry(ALONE, { vigie: 2.4 }, { limit: 1.5 }),
        entry(STEPS, { vigie: 150 }, { limit: 600, cpu: new Map([['vigie', 4_000]]) }),
        entry({ ...RATE, target: { elsewhere: '≥ 4 × Node-RED' } }, { vigie: 3_000 }),
        entry(LATENCY, { vigie: 3.14, mosquitto: 1 }, { failed: new Set(['aedes']) }),
        entry({ ...LATENCY, target: undefined }, { vigie: 0.5 }),
      ],
      ['vigie', 'mosquitto', 'aedes'],
    )
    expect(table.split('\n')).toEqual([
      '| load | vigie | mosquitto | aedes | target | limit |  |',
      '| --- | ---: | ---: | ---: | ---: | ---: | --- |',
      '| fan-in | 25 × (4.0 M/s, 0.25 µs) \\* | 160 k/s | 0.50 × (80 k/s) | ≥ 20 × |  | met |',
      '| CPU | 3.0 × (0.30 µs) | 50 × (5.0 µs) |  | ≤ 2.5 × relay | 0.10 µs (C relay) | missed |',
      '| latency | 2.4 ms |  |  | ≤ limit + 0.8 ms | 1.5 ms (the disk alone) | missed |',
      '| fan-in | 0.25 × (150 /s, 4000 µs) |  |  | ≥ 0.6 × limit | 600 /s (spawn) | missed |',
      '| fan-in | 3.0 k/s |  |  | ≥ 4 × Node-RED |  |  |',
      '| latency | 3.1 ms | 1.0 ms | failed | < 2 ms |  | missed |',
      '| latency | 0.50 ms |  |  |  |  |  |',
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
    [CPU, { vigie: 2.5, relay: 1 }, 'met'],
    [CPU, { vigie: 2.5, mosquitto: 1 }, ''],
    [ALONE, { vigie: 0 }, ''],
    [STEPS, { vigie: 1, mosquitto: 1 }, ''],
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
