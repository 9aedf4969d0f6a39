// What a rule would have done with the messages of the last day, beside what it did. It is asked for by a button:
// the hub takes seconds for it.

import { useState } from 'preact/hooks'
import type { BacktestAnswer } from '../api/answers.ts'
import { getJson } from '../api/client.ts'
import { Nothing } from '../ui/loaded.tsx'
import { Moment } from '../ui/moment.tsx'
import { Notice } from '../ui/notice.tsx'
import { counted } from '../words/moments.ts'
import { stageCounts } from './counts.ts'

type State = 'idle' | 'busy' | { readonly error: string } | BacktestAnswer

export function Backtest({ rule, since }: { readonly rule: string; readonly since: string }) {
  const [state, setState] = useState<State>('idle')
  const ask = async (): Promise<void> => {
    setState('busy')
    try {
      setState(await getJson<BacktestAnswer>(`/api/rules/${encodeURIComponent(rule)}/backtest`, { since }))
    } catch (failure) {
      setState({ error: (failure as Error).message })
    }
  }
  return (
    <section class="panel pad">
      <div class="line">
        <h2>What it would have done</h2>
        <span class="end">
          <button type="button" disabled={state === 'busy'} onClick={() => void ask()}>
            {state === 'busy' ? 'Trying…' : 'Try it on recorded messages'}
          </button>
        </span>
      </div>
      <p class="soft">
        The rule as it is saved now is given the recorded messages of the time above. Nothing is performed.
      </p>
      <div role="status">
        {typeof state === 'object' &&
          ('would' in state ? <Answer of={state} /> : <Notice kind="bad" title={state.error} />)}
      </div>
    </section>
  )
}

function Answer({ of }: { readonly of: BacktestAnswer }) {
  const { events, would, did, more, fewer, verdicts, error, last, upTo, until, isCut } = of
  const same = more.length + fewer.length === 0
  return (
    <>
      <p>
        It would have run {timesOf(would)}; it ran {timesOf(did)}
        {same ? '.' : ':'} {counted(events, 'message')} were looked at
        {upTo < until && (
          <>
            , up to <Moment at={upTo} />: then the time was up
          </>
        )}
        {isCut && ', the newest: there were too many'}.
      </p>
      <Differing title="It would have run, and did not, for" events={more} />
      <Differing title="It ran, and would not have, for" events={fewer} />
      {error !== null && (
        <Notice kind="bad" title="Its code threw an error.">
          <p>
            <a href={`/events/${error.event}`}>Event #{error.event}</a>: {error.reason}
          </p>
        </Notice>
      )}
      <ul class="plain">
        {stageCounts(verdicts).map(({ stage, says }) => (
          <li key={stage}>{says}</li>
        ))}
      </ul>
      {last.length === 0 ? (
        <Nothing>It would not have run.</Nothing>
      ) : (
        <table class="list">
          <thead>
            <tr>
              <th scope="col">Event</th>
              <th scope="col">At</th>
              <th scope="col">Key</th>
              <th scope="col">It would have done</th>
            </tr>
          </thead>
          <tbody>
            {last.map(({ event, at, key, steps }) => (
              <tr key={`${event} ${key} ${at}`}>
                <td>
                  <a href={`/events/${event}`}>#{event}</a>
                </td>
                <td>
                  <Moment at={at} />
                </td>
                <td class="mono">{key}</td>
                <td class="wide mono">
                  {steps.map((step) => step ?? 'a function of earlier results').join('; ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}

/** Events that are named; the others are counted. */
const MOST_NAMED = 10

const Differing = ({ title, events }: { readonly title: string; readonly events: readonly number[] }) =>
  events.length === 0 ? null : (
    <p>
      {title}{' '}
      {events.slice(-MOST_NAMED).map((event, index) => (
        <>
          {index > 0 && ', '}
          <a href={`/events/${event}`}>#{event}</a>
        </>
      ))}
      {events.length > MOST_NAMED && ` and ${counted(events.length - MOST_NAMED, 'other')}`}.
    </p>
  )

const timesOf = (count: number): string =>
  count === 0 ? 'never' : count === 1 ? 'once' : `${count.toLocaleString('en')} times`
