// Pings: what the hub checks, with a bar for each stretch of the time that is shown.

import type { PingAnswer } from '../api/answers.ts'
import { useAnswer } from '../api/use-answer.ts'
import { BeatBars } from '../pings/beat-bars.tsx'
import { beatsOf, shareText, spansOf, upShare } from '../pings/beats.ts'
import { useQuery } from '../shell/router.ts'
import { Badge } from '../ui/badge.tsx'
import { Choice, Filters } from '../ui/field.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loaded, Nothing } from '../ui/loaded.tsx'
import { Age } from '../ui/moment.tsx'
import { latencyText } from '../words/moments.ts'
import { PING_TONES } from '../words/states.ts'

const EVERY_MS = 10_000
const BEATS = 60

/** Those that need somebody first. */
const ORDER = ['down', 'flapping', 'unreachable', 'unknown', 'up']

export const SPANS = [
  ['1h', 'the last hour', 3_600_000],
  ['24h', 'the last day', 86_400_000],
  ['7d', 'the last week', 7 * 86_400_000],
  ['30d', 'the last 30 days', 30 * 86_400_000],
] as const

export const spanIn = (query: URLSearchParams): (typeof SPANS)[number] =>
  SPANS.find(([name]) => name === query.get('since')) ?? SPANS[1]

export function View() {
  const [query, setQuery] = useQuery()
  const [since, says, lengthMs] = spanIn(query)
  const pings = useAnswer<readonly PingAnswer[]>('/api/pings', { since }, EVERY_MS)
  return (
    <>
      <Heading title="Pings" />
      <Filters>
        <Choice
          label="Show"
          value={since}
          options={SPANS.map(([name, words]) => [name, words] as const)}
          onValue={(chosen) => setQuery({ since: chosen })}
        />
      </Filters>
      <Loaded of={pings}>
        {(listed) =>
          listed.length === 0 ? (
            <Nothing>The rules declare no ping.</Nothing>
          ) : (
            <ul class="cards">
              {listed
                .toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))
                .map((ping) => (
                  <PingCard key={ping.name} ping={ping} lengthMs={lengthMs} says={says} since={since} />
                ))}
            </ul>
          )
        }
      </Loaded>
    </>
  )
}

interface PingCardProps {
  readonly ping: PingAnswer
  readonly lengthMs: number
  readonly says: string
  readonly since: string
}

function PingCard({ ping, lengthMs, says, since: asked }: PingCardProps) {
  const { name, kind, state, since, reason, latencyMs, mutedBy, isUnable } = ping
  const href = `/pings/${encodeURIComponent(name)}${asked === '24h' ? '' : `?since=${asked}`}`
  return (
    <li class="panel pad">
      <p class="line">
        <Badge tone={isUnable ? 'bad' : PING_TONES[state]}>{state}</Badge>
        <a class="name" href={href}>
          {name}
        </a>
        <span class="soft">{kind}</span>
        <span class="end number">{latencyMs === null ? '' : latencyText(latencyMs)}</span>
      </p>
      <Beats ping={ping} lengthMs={lengthMs} says={says} />
      <p class="soft">
        {since !== null && (
          <>
            {state} for <Age at={since} />
          </>
        )}
        {reason !== '' && `: ${reason}`}
        {mutedBy !== null && ` (because of ${mutedBy})`}
      </p>
    </li>
  )
}

interface BeatsProps {
  readonly ping: PingAnswer
  readonly lengthMs: number
  readonly says: string
}

export function Beats({ ping, lengthMs, says }: BeatsProps) {
  const until = Date.now()
  const stretch = { from: until - lengthMs, until }
  const spans = spansOf(ping.flips, ping, stretch.from)
  const share = upShare(spans, stretch)
  const up = share === null ? 'Nothing is known yet' : `Up for ${shareText(share)} of ${says}`
  return (
    <>
      <BeatBars
        beats={beatsOf(spans, stretch, BEATS)}
        {...stretch}
        label={`${ping.name}: ${up}, ${ping.flips.length} changes.`}
      />
      <p class="axis soft">
        <span>{says}</span>
        <span>{share === null ? '' : `${shareText(share)} up`}</span>
      </p>
    </>
  )
}
