// The results as a Markdown table: figures of each broker, rates also as a ratio to Mosquitto's, beside the
// target.
import type { Figure, Unit } from './loads.ts'

export const SUBJECT = 'vigie'
const REFERENCE = 'mosquitto'

export type Entry = {
  readonly figure: Figure
  /** Medians by broker. */
  readonly values: ReadonlyMap<string, number>
  /** Brokers that lost, repeated or reordered messages: their figures do not count. */
  readonly failed: ReadonlySet<string>
  /** Brokers for which the load program may have been the bottleneck. */
  readonly bounded: ReadonlySet<string>
}

export type Verdict = 'met' | 'missed' | ''

export function formatTable(entries: readonly Entry[], brokers: readonly string[]): string {
  const rows = [
    ['load', ...brokers, 'target', ''],
    ['---', ...brokers.map(() => '---:'), '---:', '---'],
    ...entries.map((entry) => [
      entry.figure.title,
      ...brokers.map((broker) => formatCell(entry, broker)),
      formatTarget(entry.figure),
      judge(entry),
    ]),
  ]
  const lines = rows.map((cells) => `| ${cells.join(' | ')} |`)
  if (entries.some((entry) => entry.bounded.size > 0)) {
    lines.push('', '\\* The load generator had more than 85 % of its core to do: the broker may be faster.')
  }
  return lines.join('\n')
}

export function judge({ figure, values }: Entry): Verdict {
  const value = values.get(SUBJECT)
  if (!figure.target || value === undefined) return ''
  if ('under' in figure.target) return value < figure.target.under ? 'met' : 'missed'
  const reference = values.get(REFERENCE)
  if (reference === undefined) return ''
  return value / reference >= figure.target.atLeast ? 'met' : 'missed'
}

/** The median; for an even count, the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2
}

export function formatFigure(value: number, unit: Unit): string {
  if (unit !== '/s') return `${formatNumber(value)} ${unit}`
  if (value >= 1e6) return `${formatNumber(value / 1e6)} M/s`
  if (value >= 1e3) return `${formatNumber(value / 1e3)} k/s`
  return `${formatNumber(value)} /s`
}

function formatCell({ figure, values, failed, bounded }: Entry, broker: string): string {
  const value = values.get(broker)
  if (value === undefined) return failed.has(broker) ? 'failed' : ''
  const mark = bounded.has(broker) ? ' \\*' : ''
  const reference = values.get(REFERENCE)
  const text = formatFigure(value, figure.unit)
  if (broker === REFERENCE || reference === undefined || figure.unit !== '/s') return text + mark
  return `${formatNumber(value / reference)} × (${text})${mark}`
}

function formatTarget({ target, unit }: Figure): string {
  if (!target) return ''
  return 'under' in target ? `< ${target.under} ${unit}` : `≥ ${target.atLeast} ×`
}

function formatNumber(value: number): string {
  return value >= 99.5 ? value.toFixed(0) : value.toPrecision(2)
}
