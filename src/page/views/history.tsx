// History: the recorded events, found by topic, text, client and time.

import { useState } from 'preact/hooks'
import { ORIGINS } from '../../model/event.ts'
import type { Histogram } from '../../model/queries.ts'
import type { EventAnswer } from '../api/answers.ts'
import { getPage, type Page, type Query } from '../api/client.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Brush } from '../history/brush.tsx'
import { csv, jsonLines } from '../history/export.ts'
import { inAddress, type Range, rangeOfPlot, wider } from '../history/ranges.ts'
import { pathWith } from '../shell/paths.ts'
import { useQuery } from '../shell/router.ts'
import { Choice, Filters, TextField } from '../ui/field.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loaded, Nothing } from '../ui/loaded.tsx'
import { Moment } from '../ui/moment.tsx'
import { OutcomeLine, useOutcome } from '../ui/outcome.tsx'
import { payloadLine } from '../words/payload.ts'
import { senderOf } from '../words/sender.ts'

const EVERY_MS = 10_000
const PAGE = 100
const BARS = 120

const SPANS = [
  ['1h', 'the last hour'],
  ['24h', 'the last day'],
  ['7d', 'the last week'],
  ['30d', 'the last 30 days'],
  ['', 'another time'],
] as const
const DEFAULT_SPAN = '24h'
const ORIGIN_CHOICES = [['', 'any'], ...ORIGINS.map((origin) => [origin, origin] as const)] as const

export function View() {
  const [query, setQuery] = useQuery()
  const asked = {
    filter: query.get('filter'),
    contains: query.get('contains'),
    client: query.get('client'),
    origin: query.get('origin'),
    since: query.get('since') ?? DEFAULT_SPAN,
    until: query.get('until'),
  }
  const before = query.get('before')
  const isLive = before === null && asked.until === null
  const { filter, since, until } = asked
  const counts = useAnswer<Histogram>(
    '/api/events/counts',
    { filter, since, until, bars: BARS },
    isLive ? EVERY_MS : undefined,
  )
  const events = useAnswer<Page<EventAnswer>>(
    '/api/events',
    { ...asked, before, limit: PAGE },
    isLive ? EVERY_MS : undefined,
    getPage,
  )
  const change = (name: keyof typeof asked) => (value: string) => setQuery({ [name]: value, before: null })
  const show = (range: Range): void => setQuery({ ...inAddress(range, Date.now()), before: null }, false)
  return (
    <>
      <Heading title="History">
        <Export asked={asked} />
      </Heading>
      <Filters>
        <TextField
          label="Topics"
          value={filter ?? ''}
          placeholder="sensors/+/temperature"
          isMono
          onValue={change('filter')}
        />
        <TextField
          label="Text in the payload"
          value={asked.contains ?? ''}
          placeholder="any"
          onValue={change('contains')}
        />
        <TextField label="Client" value={asked.client ?? ''} placeholder="any" onValue={change('client')} />
        <Choice
          label="Origin"
          value={asked.origin ?? ''}
          options={ORIGIN_CHOICES}
          onValue={change('origin')}
        />
        <Choice
          label="Time"
          value={SPANS.some(([span]) => span === since) && until === null ? since : ''}
          options={SPANS}
          onValue={(span) => span !== '' && setQuery({ since: span, until: null, before: null })}
        />
      </Filters>
      <section class="panel pad" aria-label="Events over time">
        <Loaded of={counts}>
          {(plot) => (
            <>
              <Brush plot={plot} onChosen={show} />
              <p class="links">
                <button type="button" onClick={() => show(wider(rangeOfPlot(plot), Date.now()))}>
                  Show more time
                </button>
                <span class="soft">Drag over the bars to show less.</span>
              </p>
            </>
          )}
        </Loaded>
      </section>
      <Loaded of={events}>
        {({ rows, next }) => (
          <>
            {rows.length === 0 ? (
              <Nothing>
                {next === null ? 'No event is like that.' : 'None of these events is like that.'}
              </Nothing>
            ) : (
              <EventTable events={rows} />
            )}
            <p class="pages">
              {before !== null && <a href={pathWith('/history', { ...asked, before: null })}>Newest</a>}
              {next?.['before'] !== undefined && (
                <a href={pathWith('/history', { ...asked, before: next['before'] })}>Older</a>
              )}
            </p>
          </>
        )}
      </Loaded>
    </>
  )
}

/** Two lines of a wide screen show as much. */
const LONGEST_PAYLOAD = 240

const EventTable = ({ events }: { readonly events: readonly EventAnswer[] }) => (
  <div class="panel">
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Event</th>
          <th scope="col">At</th>
          <th scope="col">Topic</th>
          <th scope="col">Payload</th>
          <th scope="col">From</th>
        </tr>
      </thead>
      <tbody>
        {events.map(({ id, at, topic, payload, encoding, client, origin, retain }) => (
          <tr key={id}>
            <td>
              <a href={`/events/${id}`}>#{id}</a>
            </td>
            <td>
              <Moment at={at} />
            </td>
            <td class="wide mono">{topic}</td>
            <td class="wide">
              <code class="clamped">{payloadLine(payload, encoding, LONGEST_PAYLOAD)}</code>
            </td>
            <td class="soft">
              {senderOf({ client, origin })}
              {retain && ', retained'}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

/** Pages of a thousand events that one file holds. */
const MOST_PAGES = 20

function Export({ asked }: { readonly asked: Query }) {
  const outcome = useOutcome()
  const [isBusy, setBusy] = useState(false)
  const save = async (kind: 'csv' | 'jsonl'): Promise<void> => {
    setBusy(true)
    outcome.tell('Reading…')
    try {
      const events: EventAnswer[] = []
      let next: Query | null = {}
      for (let page = 0; next !== null && page < MOST_PAGES; page++) {
        const found: Page<EventAnswer> = await getPage<EventAnswer>('/api/events', {
          ...asked,
          limit: 1_000,
          ...next,
        })
        events.push(...found.rows)
        next = found.next
      }
      download(`events.${kind}`, kind === 'csv' ? csv(events) : jsonLines(events))
      const rest = next === null ? '' : ', the newest: there are more, which "vigie export" writes'
      outcome.tell(`Saved ${events.length.toLocaleString('en')} events${rest}.`)
    } catch (error) {
      outcome.tell((error as Error).message)
    }
    setBusy(false)
  }
  return (
    <>
      <OutcomeLine of={outcome} />
      <button type="button" disabled={isBusy} onClick={() => void save('csv')}>
        Save as CSV
      </button>
      <button type="button" disabled={isBusy} onClick={() => void save('jsonl')}>
        Save as JSON
      </button>
    </>
  )
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
