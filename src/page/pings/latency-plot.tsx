// The latency of a ping over time. uPlot is loaded when it is shown for the first time.

import { useEffect, useRef, useState } from 'preact/hooks'
import 'uplot/dist/uPlot.min.css'
import type uPlot from 'uplot'
import { theme } from '../shell/theme.ts'
import { useStore } from '../shell/store.ts'
import { latencyText, shortMoment } from '../words/moments.ts'
import type { PlotData } from './plot.ts'

const HEIGHT = 220

export function LatencyPlot({ data, label }: { readonly data: PlotData; readonly label: string }) {
  const place = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  const chosen = useStore(theme)

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)))
    observer.observe(place.current!)
    return () => observer.disconnect()
  }, [])

  useEffect(() => {
    if (width === 0) return undefined
    let plot: uPlot | undefined
    let isOver = false
    const draw = async (): Promise<void> => {
      const { default: UPlot } = await import('uplot')
      if (isOver || place.current === null) return
      const columns = [data.at, data.min, data.median, data.max] as const
      plot = new UPlot(optionsFor(width, place.current), [...columns], place.current)
    }
    void draw()
    return () => {
      isOver = true
      plot?.destroy()
    }
  }, [width, data, chosen])

  return <div ref={place} class="latency-plot" role="img" aria-label={label} />
}

/** @param at Unix seconds */
const momentText = (at: number): string => shortMoment(at * 1_000, Date.now())

/** uPlot draws on a canvas, which takes no colours from a style sheet. */
function optionsFor(width: number, place: HTMLElement): uPlot.Options {
  const colour = (name: string): string => {
    place.style.color = `var(${name})`
    const { color } = getComputedStyle(place)
    place.style.color = ''
    return color
  }
  const accent = colour('--accent')
  const soft = colour('--faint')
  const grid = { stroke: colour('--line'), width: 1 }
  const axis = { stroke: colour('--soft'), grid, ticks: grid, font: '12px system-ui, sans-serif' }
  const value = (_: uPlot, latencyMs: number | null): string =>
    latencyMs === null ? '–' : latencyText(latencyMs)
  return {
    width,
    height: HEIGHT,
    series: [
      { label: 'at', value: (_, at) => (at === null ? '–' : momentText(at)) },
      { label: 'least', stroke: soft, width: 1, value, points: { show: false } },
      { label: 'median', stroke: accent, width: 2, value, points: { show: false } },
      { label: 'most', stroke: soft, width: 1, dash: [4, 3], value, points: { show: false } },
    ],
    axes: [
      { ...axis, space: 110, values: (_, moments) => moments.map((at) => momentText(at)) },
      {
        ...axis,
        size: 64,
        values: (_, values) => values.map((each) => (each === 0 ? '0 ms' : latencyText(each))),
      },
    ],
    scales: { y: { range: (_, least, most) => [Math.min(0, least), most === 0 ? 1 : most * 1.1] } },
    bands: [{ series: [3, 1], fill: `color-mix(in srgb, ${accent} 12%, transparent)` }],
  }
}
