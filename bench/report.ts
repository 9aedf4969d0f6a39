// The results as a Markdown table: figures of each broker, rates also as a ratio to Mosquitto's and with the
// CPU time of one message, CPU times also as a ratio to the C relay's; beside them target, limit and verdict.
import type { Figure, Unit } from './loads.ts'

export const SUBJECT = 'vigie'
const REFERENCE = 'mosquitto'
const RELAY = 'relay'

export type Entry = {
  readonly figure: Figure
  /** Medians by broker. */
  readonly values: ReadonlyMap<string, number>
  /** Medians of the CPU time for one message, in µs, by broker. */
  readonly cpu: ReadonlyMap<string, number>
  /** The figure of what is the limit. */
  readonly limit?: number
  /** Brokers that lost, repeated or reordered messages: their figures do not count. */
  readonly failed: ReadonlySet<string>
  /** Brokers for which the load program may have been the bottleneck. */
  readonly bounded: ReadonlySet<string>
}

export type Verdict = 'met' | 'missed' | ''

export function formatTable(entries: readonly Entry[], brokers: readonly string[]): string {
  const rows = [
    ['load', ...brokers, 'target', 'limit', ''],
    ['---', ...brokers.map(() => '---:'), '---:', '---:', '---'],
    ...entries.map((entry) => [
      entry.figure.title,
      ...brokers.map((broker) => formatCell(entry, broker)),
      formatTarget(entry.figure),
      formatLimit(entry),
      judge(entry),
    ]),
  ]
  const lines = rows.map((cells) => `| ${cells.join(' | ')} |`)
  if (entries.some((entry) => entry.bounded.size > 0)) {
    lines.push('', '\\* The load generator had more than 85 % of its core to do: the broker may be faster.')
  }
  return lines.join('\n')
}

export function judge({ figure: { target }, values, limit }: Entry): Verdict {
  const value = values.get(SUBJECT)
  if (!target || value === undefined || 'elsewhere' in target) return ''
  const verdict = (isMet: boolean): Verdict => (isMet ? 'met' : 'missed')
  if ('under' in target) return verdict(value < target.under)
  if ('above' in target) return limit === undefined ? '' : verdict(value <= limit + target.above)
  const reference =
    'atMost' in target ? values.get(RELAY) : target.of === 'limit' ? limit : values.get(REFERENCE)
  if (reference === undefined) return ''
  return verdict(
    'atMost' in target ? value / reference <= target.atMost : value / reference >= target.atLeast,
  )
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

function formatCell({ figure, values, cpu, limit, failed, bounded }: Entry, broker: string): string {
  const value = values.get(broker)
  if (value === undefined) return failed.has(broker) ? 'failed' : ''
  const mark = bounded.has(broker) ? ' \\*' : ''
  const { unit, target } = figure
  const used = cpu.get(broker)
  const isRate = unit === '/s'
  const text =
    formatFigure(value, unit) + (isRate && used !== undefined ? `, ${formatFigure(used, 'µs')}` : '')
  const isOfLimit = target !== undefined && 'of' in target && target.of === 'limit'
  const against = isOfLimit ? undefined : isRate ? REFERENCE : unit === 'µs' ? RELAY : undefined
  const reference = isOfLimit ? limit : against && values.get(against)
  if (broker === against || reference === undefined) return text + mark
  return `${formatNumber(value / reference)} × (${text})${mark}`
}

function formatTarget({ target, unit }: Figure): string {
  if (!target) return ''
  if ('elsewhere' in target) return target.elsewhere
  if ('under' in target) return `< ${target.under} ${unit}`
  if ('above' in target) return `≤ limit + ${target.above} ${unit}`
  if ('atMost' in target) return `≤ ${target.atMost} × relay`
  return `≥ ${target.atLeast} ×${target.of === 'limit' ? ' limit' : ''}`
}

function formatLimit({ figure, values, limit }: Entry): string {
  if (figure.limit !== undefined && limit !== undefined)
    return `${formatFigure(limit, figure.unit)} (${figure.limit.title})`
  const ofRelay = figure.unit === 'µs' ? values.get(RELAY) : undefined
  return ofRelay === undefined ? '' : `${formatFigure(ofRelay, 'µs')} (C relay)`
}

function formatNumber(value: number): string {
  return value >= 99.5 ? value.toFixed(0) : value.toPrecision(2)
}
