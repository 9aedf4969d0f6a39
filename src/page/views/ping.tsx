// One ping: its state, its past, its latency.

import { useMemo } from 'preact/hooks'
import { formatDuration } from '../../base/quantities.ts'
import type { PingAnswer, PingMinuteAnswer } from '../api/answers.ts'
import { useAnswer } from '../api/use-answer.ts'
import { LatencyPlot } from '../pings/latency-plot.tsx'
import { plotOf } from '../pings/plot.ts'
import { useQuery } from '../shell/router.ts'
import type { ViewProps } from '../shell/paths.ts'
import { Badge } from '../ui/badge.tsx'
import { Facts } from '../ui/facts.tsx'
import { Choice, Filters } from '../ui/field.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loaded, Nothing } from '../ui/loaded.tsx'
import { Ago, Moment } from '../ui/moment.tsx'
import { latencyText } from '../words/moments.ts'
import { PING_TONES } from '../words/states.ts'
import { Beats, spanIn, SPANS } from './pings.tsx'

const EVERY_MS = 15_000
const MOST_FLIPS = 100

type Answered = PingAnswer & { readonly minutes: readonly PingMinuteAnswer[] }

export function View({ params: { name = '' } }: ViewProps) {
  const [query, setQuery] = useQuery()
  const [since, says, lengthMs] = spanIn(query)
  const ping = useAnswer<Answered>(`/api/pings/${encodeURIComponent(name)}`, { since }, EVERY_MS)
  return (
    <>
      <Heading title={name} />
      <Filters>
        <Choice
          label="Show"
          value={since}
          options={SPANS.map(([each, words]) => [each, words] as const)}
          onValue={(chosen) => setQuery({ since: chosen })}
        />
      </Filters>
      <Loaded of={ping}>
        {(found) => (
          <>
            <section class="panel pad">
              <Beats ping={found} lengthMs={lengthMs} says={says} />
            </section>
            <Latency minutes={found.minutes} name={name} />
            <div class="columns">
              <Now ping={found} />
              <Changes ping={found} />
            </div>
          </>
        )}
      </Loaded>
    </>
  )
}

function Latency({
  minutes,
  name,
}: {
  readonly minutes: readonly PingMinuteAnswer[]
  readonly name: string
}) {
  // The minutes are asked for again and again: the plot is drawn anew only when there is a new one.
  const data = useMemo(() => plotOf(minutes), [minutes.length, minutes.at(-1)?.at])
  const last = minutes.findLast(({ medianMs }) => medianMs !== null)
  return (
    <section class="panel pad">
      <h2>Latency</h2>
      {last === undefined ? (
        <Nothing>No minute of good checks is in the history yet.</Nothing>
      ) : (
        <LatencyPlot
          data={data}
          label={`Latency of ${name}: ${latencyText(last.medianMs!)} in the median of the last minute.`}
        />
      )}
    </section>
  )
}

function Now({ ping }: { readonly ping: PingAnswer }) {
  const { kind, state, since, latencyMs, reason, checkedAt, nextAt, mutedBy } = ping
  return (
    <section class="panel pad">
      <h2>Now</h2>
      <Facts
        rows={[
          ['state', <Badge tone={PING_TONES[state]}>{state}</Badge>],
          ['kind', kind],
          ['since', since === null ? null : <Moment at={since} />],
          ['reason', reason],
          ['because of', mutedBy],
          ['latency', latencyMs === null ? null : latencyText(latencyMs)],
          ['checked', checkedAt === null ? 'not yet' : <Ago at={checkedAt} />],
          ['next check', nextAt === null ? null : <Ago at={nextAt} />],
        ]}
      />
    </section>
  )
}

function Changes({ ping: { flips } }: { readonly ping: PingAnswer }) {
  return (
    <section class="panel pad">
      <h2>Changes</h2>
      {flips.length === 0 ? (
        <Nothing>Its state has not changed in this time.</Nothing>
      ) : (
        <ol class="timeline">
          {flips
            .slice(-MOST_FLIPS)
            .toReversed()
            .map(({ event, at, state, reason }, index, shown) => (
              <li key={event}>
                <Badge tone={PING_TONES[state]}>{state}</Badge>{' '}
                <a href={`/events/${event}`}>
                  <Moment at={at} />
                </a>{' '}
                <span class="soft">
                  {index > 0 && `for ${formatDuration(shown[index - 1]!.at - at)}`}
                  {reason !== '' && ` ${reason}`}
                </span>
              </li>
            ))}
        </ol>
      )}
    </section>
  )
}
