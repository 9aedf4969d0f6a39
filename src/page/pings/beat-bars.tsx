// The bars of a ping: one a beat, told apart by colour and by height.

import type { PingState } from '../../model/probe.ts'
import { shortMoment } from '../words/moments.ts'

interface BeatBarsProps {
  readonly beats: readonly (PingState | null)[]
  readonly from: number
  readonly until: number
  readonly label: string
}

const HEIGHT = 20
/** What is not up is lower, so that it is seen without colours. */
const HEIGHTS: Readonly<Record<PingState, number>> = {
  up: HEIGHT,
  unknown: 4,
  flapping: 12,
  unreachable: 9,
  down: 9,
}

export const BeatBars = ({ beats, from, until, label }: BeatBarsProps) => (
  <svg
    class="beats"
    viewBox={`0 0 ${beats.length * 4} ${HEIGHT}`}
    preserveAspectRatio="none"
    role="img"
    aria-label={label}
  >
    {beats.map((state, index) => {
      const height = state === null ? 2 : HEIGHTS[state]
      const at = from + ((until - from) / beats.length) * index
      return (
        <rect
          key={index}
          data-state={state ?? 'none'}
          x={index * 4}
          y={HEIGHT - height}
          width={3}
          height={height}
        >
          <title>{`${shortMoment(at, until)}: ${state ?? 'nothing is known'}`}</title>
        </rect>
      )
    })}
  </svg>
)
