// The plot over the history, on which a stretch of time is chosen: by dragging over the bars, or by two sliders
// for whoever uses the keyboard.

import { useEffect, useRef, useState } from 'preact/hooks'
import { formatDuration } from '../../base/quantities.ts'
import type { Histogram } from '../../model/queries.ts'
import { Bars } from '../parts/bars.tsx'
import { counted, shortMoment } from '../words/moments.ts'
import { type Range, rangeOfBars } from './ranges.ts'

interface BrushProps {
  readonly plot: Histogram
  readonly onChosen: (range: Range) => void
}

export function Brush({ plot, onChosen }: BrushProps) {
  const { from, stepMs, counts } = plot
  const last = counts.length - 1
  const [chosen, setChosen] = useState<readonly [number, number]>([0, last])
  const field = useRef<HTMLDivElement>(null)
  const begun = useRef<number | null>(null)
  useEffect(() => setChosen([0, last]), [from, stepMs, last])

  const [first, final] = [Math.min(...chosen), Math.min(last, Math.max(...chosen))]
  const isWhole = first === 0 && final === last
  const barAt = (event: PointerEvent): number => {
    const { left, width } = field.current!.getBoundingClientRect()
    return Math.max(0, Math.min(last, Math.floor(((event.clientX - left) / width) * counts.length)))
  }
  const begin = (event: PointerEvent): void => {
    if (event.button !== 0) return
    field.current!.setPointerCapture(event.pointerId)
    begun.current = barAt(event)
    setChosen([begun.current, begun.current])
  }
  const go = (event: PointerEvent): void => {
    if (begun.current !== null) setChosen([begun.current, barAt(event)])
  }
  const end = (event: PointerEvent): void => {
    if (begun.current === null) return
    onChosen(rangeOfBars(plot, begun.current, barAt(event)))
    begun.current = null
  }
  /** The browser has taken the pointer for itself, say to scroll. */
  const cancel = (): void => {
    begun.current = null
    setChosen([0, last])
  }
  const all = counts.reduce((sum, count) => sum + count, 0)
  const now = Date.now()
  const momentOf = (index: number): string => {
    const at = from + index * stepMs
    return at > now ? 'now' : shortMoment(at, now)
  }
  const left = `${(first / counts.length) * 100}%`
  const width = `${((final - first + 1) / counts.length) * 100}%`
  return (
    <div class="brush">
      <div
        ref={field}
        class="field"
        onPointerDown={begin}
        onPointerMove={go}
        onPointerUp={end}
        onPointerCancel={cancel}
      >
        <Bars
          counts={counts}
          label={`${counted(all, 'event')} from ${momentOf(0)} to ${momentOf(counts.length)}, a bar for each ${formatDuration(stepMs)}.`}
          titleOf={(index) => `${momentOf(index)}: ${counted(counts[index] ?? 0, 'event')}`}
        />
        {!isWhole && <div class="chosen" style={{ left, width }} />}
      </div>
      <p class="axis soft">
        <span>{momentOf(0)}</span>
        <span>{counted(all, 'event')}</span>
        <span>{momentOf(counts.length)}</span>
      </p>
      <details class="sliders">
        <summary>Choose by keyboard</summary>
        <Slider
          name="From"
          value={first}
          last={last}
          says={momentOf(first)}
          onValue={(at) => setChosen([at, final])}
        />
        <Slider
          name="To"
          value={final}
          last={last}
          says={momentOf(final + 1)}
          onValue={(at) => setChosen([first, at])}
        />
        <button type="button" disabled={isWhole} onClick={() => onChosen(rangeOfBars(plot, first, final))}>
          Show this time
        </button>
      </details>
    </div>
  )
}

interface SliderProps {
  readonly name: string
  readonly value: number
  readonly last: number
  readonly says: string
  readonly onValue: (value: number) => void
}

const Slider = ({ name, value, last, says, onValue }: SliderProps) => (
  <label>
    {name}
    <input
      type="range"
      min={0}
      max={last}
      value={value}
      aria-valuetext={says}
      onInput={(event) => onValue(Number(event.currentTarget.value))}
    />
    <span class="soft">{says}</span>
  </label>
)
