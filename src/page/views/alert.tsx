// One alert: what it says, what became of it, and who was told what over which channel.

import type { NotificationRecord } from '../../model/alert.ts'
import type { AlertStoryAnswer } from '../api/answers.ts'
import { useAnswer } from '../api/use-answer.ts'
import { AlertActs } from '../alerts/acts.tsx'
import type { ViewProps } from '../shell/paths.ts'
import { Badge } from '../ui/badge.tsx'
import { Facts } from '../ui/facts.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loaded, Nothing } from '../ui/loaded.tsx'
import { Age, Ago, Moment } from '../ui/moment.tsx'
import { OutcomeLine, useOutcome } from '../ui/outcome.tsx'
import { ALERT_TONES, SEVERITY_TONES } from '../words/states.ts'
import { By } from './alerts.tsx'

const EVERY_MS = 5_000

export function View({ params: { key = '' } }: ViewProps) {
  const alert = useAnswer<AlertStoryAnswer>(`/api/alerts/${encodeURIComponent(key)}`, {}, EVERY_MS)
  const outcome = useOutcome()
  const done = (said: string): void => {
    outcome.tell(said)
    alert.reload()
  }
  return (
    <>
      <Heading title={alert.data?.title ?? key}>
        {alert.data && <AlertActs alert={alert.data} onDone={done} />}
      </Heading>
      <OutcomeLine of={outcome} />
      <Loaded of={alert}>
        {(found) => (
          <div class="columns">
            <Now alert={found} />
            <div>
              <Told notifications={found.notifications} />
              <Past alert={found} />
            </div>
          </div>
        )}
      </Loaded>
    </>
  )
}

function Now({ alert }: { readonly alert: AlertStoryAnswer }) {
  const { key, state, severity, body, labels, since, openedAt, count, rule, cause, parent } = alert
  return (
    <section class="panel pad">
      <h2>
        <Badge tone={ALERT_TONES[state]}>{state}</Badge>{' '}
        <Badge tone={SEVERITY_TONES[severity]}>{severity}</Badge>
      </h2>
      {body !== '' && <p class="body">{body}</p>}
      <Facts
        rows={[
          ['key', <span class="mono">{key}</span>],
          [
            'for',
            <>
              <Age at={since} />
              <By alert={alert} />
            </>,
          ],
          ['opened', <Moment at={openedAt} />],
          ['raised', count === 1 ? 'once' : `${count} times`],
          ['rule', rule === null ? null : <a href={`/rules/${encodeURIComponent(rule)}`}>{rule}</a>],
          [
            'because of',
            cause === null ? null : (
              <a href={`/events/${cause.event}`}>
                event #{cause.event} on <span class="mono">{cause.topic}</span>
              </a>
            ),
          ],
          [
            'muted by',
            parent === null ? null : <a href={`/alerts/${encodeURIComponent(parent)}`}>{parent}</a>,
          ],
          ...Object.entries(labels).map(([name, value]) => [name, value] as const),
        ]}
      />
    </section>
  )
}

const Told = ({ notifications }: { readonly notifications: readonly NotificationRecord[] }) => (
  <section class="panel pad">
    <h2>Who was told</h2>
    {notifications.length === 0 ? (
      <Nothing>Nobody: no route of the configuration asks for it.</Nothing>
    ) : (
      <ul class="plain">
        {notifications.map(({ id, channel, subject, tellings, told, dueAt, telling }) => (
          <li key={id}>
            <b>{channel}</b>
            {subject.startsWith('group/') && <span class="soft"> together with others</span>}:{' '}
            {told === null ? (
              'not yet'
            ) : (
              <>
                {tellings === 1 ? 'once' : `${tellings} times`}, last{' '}
                <a href={`/runs/${told.run}`}>
                  <Moment at={told.at} />
                </a>
              </>
            )}
            {telling !== null ? (
              <>
                , <a href={`/runs/${telling}`}>being told</a>
              </>
            ) : (
              dueAt !== null && (
                <>
                  , next <Ago at={dueAt} />
                </>
              )
            )}
          </li>
        ))}
      </ul>
    )}
  </section>
)

const Past = ({ alert: { flips } }: { readonly alert: AlertStoryAnswer }) => (
  <section class="panel pad">
    <h2>What became of it</h2>
    <ol class="timeline">
      {flips.toReversed().map(({ number, to, at, event, by }) => (
        <li key={number}>
          <Badge tone={ALERT_TONES[to]}>{to}</Badge>{' '}
          {event === null ? (
            <Moment at={at} />
          ) : (
            <a href={`/events/${event}`}>
              <Moment at={at} />
            </a>
          )}{' '}
          <span class="soft">by {by}</span>
        </li>
      ))}
    </ol>
  </section>
)
