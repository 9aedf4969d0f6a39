// A number of a topic over time. What draws it is loaded when the first number is plotted.

import { useEffect, useRef, useState } from 'preact/hooks'
import type uPlot from 'uplot'
import { useStore } from '../shell/store.ts'
import { theme } from '../shell/theme.ts'
import { numberAt } from './numbers.ts'
import { jsonIn } from './payload.ts'
import type { Sample } from './samples.ts'

interface PlotProps {
  readonly samples: readonly Sample[]
  /** See `numberAt`. */
  readonly path: string
  readonly name: string
}

const HEIGHT = 180

export function Plot({ samples, path, name }: PlotProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const [failed, setFailed] = useState(false)
  const chosen = useStore(theme)
  const data = pointsOf(samples, path)

  useEffect(() => {
    let isCurrent = true
    const observer = new ResizeObserver(() => {
      if (place.current) plot.current?.setSize({ width: place.current.clientWidth, height: HEIGHT })
    })
    const draw = async (): Promise<void> => {
      const [{ default: UPlot }] = await Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')])
      if (!isCurrent || !place.current) return
      plot.current = new UPlot(optionsFor(name, place.current), pointsOf(samples, path), place.current)
      observer.observe(place.current)
    }
    draw().catch(() => setFailed(true))
    return () => {
      isCurrent = false
      observer.disconnect()
      plot.current?.destroy()
      plot.current = null
    }
    // Colours are read once, so another theme draws anew.
  }, [path, chosen])
  useEffect(() => plot.current?.setData(data), [samples])

  const [, values] = data
  const last = values.at(-1)
  if (failed) return <p class="problem">The plot could not be loaded.</p>
  return (
    <figure class="plot">
      <div
        ref={place}
        role="img"
        aria-label={`${name} over time, ${values.length} values, the last is ${last}`}
      />
      {values.length < 2 && <figcaption class="soft">A line needs two values; more will come.</figcaption>}
    </figure>
  )
}

function pointsOf(samples: readonly Sample[], path: string): [number[], number[]] {
  const at: number[] = []
  const values: number[] = []
  for (const sample of samples) {
    const found = jsonIn(sample.payload)
    const value = found && numberAt(found.value, path)
    if (value === null) continue
    at.push(sample.at / 1_000)
    values.push(value)
  }
  return [at, values]
}

function optionsFor(name: string, place: HTMLElement): uPlot.Options {
  const style = getComputedStyle(place)
  const [line, text, grid] = ['--accent', '--faint', '--line'].map((token) => colourOf(place, token))
  const axis = { stroke: text!, grid: { stroke: grid!, width: 1 }, ticks: { stroke: grid!, width: 1 } }
  const font = `11px ${style.fontFamily}`
  return {
    width: place.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false },
    scales: { x: { time: true } },
    axes: [
      { ...axis, font, values: (_plot, splits, _axis, _space, step) => splits.map((at) => moment(at, step)) },
      { ...axis, font, size: 56 },
    ],
    series: [{}, { label: name, stroke: line!, width: 1.5, points: { size: 4 } }],
  }
}

/** A moment of the axis, as exact as its steps (seconds). */
function moment(at: number, step: number): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const date = new Date(at * 1_000)
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`
  if (step >= 86_400) return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return step >= 60 ? minutes : `${minutes}:${two(date.getSeconds())}`
}

/** A canvas knows no custom property, and no `light-dark()`: the browser says what they come to. */
function colourOf(place: HTMLElement, token: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${token})`
  place.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
