// Overview: whether anything is wrong, in one sentence, then what, then how much is going on.

import { useEffect, useRef, useState } from 'preact/hooks'
import { formatDuration, formatSize } from '../../base/quantities.ts'
import type { ClientStatus } from '../../model/client.ts'
import type { HubStatus } from '../../model/hub-status.ts'
import type { Histogram } from '../../model/queries.ts'
import type { AlertAnswer } from '../api/answers.ts'
import { type Answer, useAnswer } from '../api/use-answer.ts'
import { isLost } from '../clients/departures.ts'
import { Bars } from '../parts/bars.tsx'
import { pathWith } from '../shell/paths.ts'
import { concernsOf, summaryOf } from '../status/concerns.ts'
import { type Rates, ratesBetween, type Sample, sampleOf } from '../status/rates.ts'
import { Heading } from '../ui/heading.tsx'
import { Icon, type IconName } from '../ui/icon.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Notice } from '../ui/notice.tsx'
import { counted, rateText, shortMoment } from '../words/moments.ts'

const EVERY_MS = 5_000
const SLOW_MS = 30_000
/** Clients that are looked through for those that are lost. */
const MOST_CLIENTS = 1_000

export function View() {
  const status = useAnswer<HubStatus>('/api/status', {}, EVERY_MS)
  const alerts = useAnswer<readonly AlertAnswer[]>('/api/alerts', {}, EVERY_MS)
  const clients = useAnswer<readonly ClientStatus[]>(
    '/api/clients',
    { state: 'offline', limit: MOST_CLIENTS },
    SLOW_MS,
  )
  const lost = (clients.data ?? []).filter(isLost).map(({ client }) => client)
  const rates = useRates(status)
  return (
    <>
      <Heading title="Overview" />
      <Loaded of={status}>
        {(now) => (
          <>
            <Summary status={now} alerts={alerts.data ?? []} lost={lost} />
            <Figures status={now} rates={rates} lost={lost.length} alerts={alerts.data?.length ?? 0} />
            <LastDay />
            <p class="soft foot">
              vigie {now.version}, up for {formatDuration(Date.now() - now.startedAt)}, process {now.pid}
            </p>
          </>
        )}
      </Loaded>
    </>
  )
}

function useRates({ data }: Answer<HubStatus>): Rates {
  const before = useRef<Sample | null>(null)
  const [rates, setRates] = useState<Rates>({ received: 0, sent: 0 })
  useEffect(() => {
    if (data === undefined) return
    const after = sampleOf(data, Date.now())
    setRates(ratesBetween(before.current, after))
    before.current = after
  }, [data])
  return rates
}

function Summary(situation: Parameters<typeof concernsOf>[0]) {
  const concerns = concernsOf(situation)
  const { kind, says } = summaryOf(concerns)
  return (
    <Notice kind={kind} title={says}>
      {concerns.length > 0 && (
        <ul class="concerns">
          {concerns.map((concern) => (
            <li key={concern.says} data-kind={concern.kind}>
              <Icon name={concern.kind === 'bad' ? 'bad' : 'warn'} size={14} />
              <a href={concern.href}>{concern.says}</a>
            </li>
          ))}
        </ul>
      )}
    </Notice>
  )
}

interface FiguresProps {
  readonly status: HubStatus
  readonly rates: Rates
  readonly lost: number
  readonly alerts: number
}

function Figures({ status: { broker, engine, store }, rates, lost, alerts }: FiguresProps) {
  const { now, behind } = engine
  const pings = now?.pings ?? []
  const up = pings.filter(({ state }) => state === 'up').length
  const busy = (now?.stepsUnderWay ?? 0) + (now?.stepsQueued ?? 0)
  return (
    <ul class="figures">
      <Figure
        icon="live"
        name="Messages"
        href="/live"
        value={rateText(rates.received)}
        unit="a second"
        also={`${rateText(rates.sent)} a second to subscribers`}
      />
      <Figure
        icon="clients"
        name="Clients"
        href="/clients"
        value={broker.connections.toLocaleString('en')}
        unit="connected"
        also={lost === 0 ? 'none is lost' : `${lost} lost`}
      />
      <Figure
        icon="alerts"
        name="Alerts"
        href="/alerts"
        value={String(alerts)}
        unit="open"
        also={alerts === 0 ? 'nothing to tell' : 'see who was told'}
      />
      <Figure
        icon="runs"
        name="Runs"
        href="/runs"
        value={(now?.openRuns ?? 0).toLocaleString('en')}
        unit="open"
        also={store.runs.dead === 0 ? 'none is dead' : `${store.runs.dead.toLocaleString('en')} dead`}
      />
      <Figure
        icon="history"
        name="Backlog"
        href="/history"
        value={behind === null ? '–' : behind.toLocaleString('en')}
        unit="events"
        also={busy === 0 ? 'no step is waiting' : `${counted(busy, 'step')} under way or waiting`}
      />
      <Figure
        icon="rules"
        name="Rules"
        href="/rules"
        value={now === null ? '–' : String(now.rules.length)}
        unit="in force"
        also={engine.failures.length === 0 ? 'all files load' : `${engine.failures.length} not loaded`}
      />
      <Figure
        icon="pings"
        name="Pings"
        href="/pings"
        value={now === null ? '–' : `${up}`}
        unit={`of ${pings.length} up`}
        also={
          pings.length === 0
            ? 'none is declared'
            : pings.length === up
              ? 'all are up'
              : `${pings.length - up} not up`
        }
      />
      <Figure
        icon="topics"
        name="History"
        href="/history"
        value={formatSize(store.databaseBytes)}
        unit="on disk"
        also={`${counted(store.events, 'event')}${
          store.oldestEventAt === null ? '' : `, since ${shortMoment(store.oldestEventAt, Date.now())}`
        }`}
      />
    </ul>
  )
}

interface FigureProps {
  readonly icon: IconName
  readonly name: string
  readonly href: string
  readonly value: string
  readonly unit: string
  readonly also: string
}

const Figure = ({ icon, name, href, value, unit, also }: FigureProps) => (
  <li>
    <a class="figure" href={href}>
      <span class="of">
        <Icon name={icon} size={14} />
        {name}
      </span>
      <span class="value">
        <b class="number">{value}</b> {unit}
      </span>
      <span class="also">{also}</span>
    </a>
  </li>
)

function LastDay() {
  const counts = useAnswer<Histogram>('/api/events/counts', { since: '24h', bars: 48 }, SLOW_MS)
  return (
    <section class="panel pad">
      <h2>Events of the last day</h2>
      <Loaded of={counts}>{(plot) => <Day plot={plot} />}</Loaded>
    </section>
  )
}

function Day({ plot: { from, stepMs, counts } }: { readonly plot: Histogram }) {
  const all = counts.reduce((sum, count) => sum + count, 0)
  const most = Math.max(...counts)
  const titleOf = (index: number): string =>
    `${shortMoment(from + index * stepMs, Date.now())}: ${counted(counts[index] ?? 0, 'event')}`
  return (
    <>
      <Bars
        counts={counts}
        label={`${counted(all, 'event')} in a day, at most ${most.toLocaleString('en')} in ${formatDuration(stepMs)}.`}
        titleOf={titleOf}
      />
      <p class="axis soft">
        <span>{shortMoment(from, Date.now())}</span>
        <a href={pathWith('/history', { since: '24h' })}>{counted(all, 'event')}</a>
        <span>now</span>
      </p>
    </>
  )
}
