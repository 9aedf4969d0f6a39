// Bars of counts over time: one picture for a reader of the screen, with a sentence that says what it shows.

interface BarsProps {
  readonly counts: readonly number[]
  /** What the picture shows, as a sentence. */
  readonly label: string
  /** Beside each bar when it is pointed at. */
  readonly titleOf: (index: number) => string
}

const HEIGHT = 48

export function Bars({ counts, label, titleOf }: BarsProps) {
  const most = Math.max(1, ...counts)
  return (
    <svg
      class="bars"
      viewBox={`0 0 ${counts.length} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {counts.map((count, index) => {
        // A bar of one event among thousands can still be seen.
        const height = count === 0 ? 0 : Math.max(2, (count / most) * HEIGHT)
        return (
          <g key={index}>
            <rect class="ground" x={index} y={0} width={1} height={HEIGHT}>
              <title>{titleOf(index)}</title>
            </rect>
            <rect class="count" x={index + 0.1} y={HEIGHT - height} width={0.8} height={height} />
          </g>
        )
      })}
    </svg>
  )
}
