// One client: who it is, what it subscribes to, what waits for it, and when it came and went; kick.

import { isHere, type ClientStatus } from '../../model/client.ts'
import type { PresenceChange } from '../api/answers.ts'
import { postJson } from '../api/client.ts'
import { useAnswer } from '../api/use-answer.ts'
import { departureWords } from '../clients/departures.ts'
import { type Stay, staysOf } from '../clients/stays.ts'
import { pathWith } from '../shell/paths.ts'
import type { ViewProps } from '../shell/paths.ts'
import { AskButton } from '../ui/ask-button.tsx'
import { Badge } from '../ui/badge.tsx'
import { Facts } from '../ui/facts.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loaded, Nothing } from '../ui/loaded.tsx'
import { Ago, Moment } from '../ui/moment.tsx'
import { OutcomeLine, useOutcome } from '../ui/outcome.tsx'
import { Who, whoIn } from '../ui/who.tsx'
import { formatDuration } from '../../base/quantities.ts'
import { ClientState } from './clients.tsx'

const EVERY_MS = 5_000

export function View({ params: { id = '' } }: ViewProps) {
  const path = `/api/clients/${encodeURIComponent(id)}`
  const client = useAnswer<ClientStatus>(path, {}, EVERY_MS)
  const outcome = useOutcome()
  const isOnline = client.data !== undefined && isHere(client.data.state)
  return (
    <>
      <Heading title={id}>
        {isOnline && (
          <AskButton
            label="Disconnect"
            title={`Disconnect ${id}?`}
            confirm="Disconnect"
            isDanger
            act={async (form) => {
              const { event } = await postJson<{ event: number }>(`${path}/kick`, whoIn(form))
              return `${id} was disconnected: event #${event}.`
            }}
            onDone={(said) => {
              outcome.tell(said)
              client.reload()
            }}
          >
            <p>Its will is published, and it may connect again at once.</p>
            <Who />
          </AskButton>
        )}
      </Heading>
      <OutcomeLine of={outcome} />
      <Loaded of={client}>
        {(status) => (
          <div class="columns">
            <Present status={status} />
            <Past client={id} />
          </div>
        )}
      </Loaded>
    </>
  )
}

function Present({ status }: { readonly status: ClientStatus }) {
  const { client, since, address, user, protocol, publishedAt, session } = status
  return (
    <section class="panel pad">
      <h2>Now</h2>
      <Facts
        rows={[
          ['state', <ClientState status={status} />],
          [
            'since',
            <>
              <Moment at={since} />{' '}
              <span class="soft">
                (<Ago at={since} />)
              </span>
            </>,
          ],
          ['user', user ?? 'none'],
          ['address', <span class="mono">{address}</span>],
          ['protocol', `MQTT ${protocol}`],
          ['last word', publishedAt === null ? 'none that the hub knows of' : <Ago at={publishedAt} />],
          ['session', session === null ? 'none' : endOf(session.expirySeconds)],
          ['waiting', session === null ? null : `${session.queued.toLocaleString('en')} messages`],
        ]}
      />
      <h3>Subscriptions</h3>
      {session === null || session.subscriptions.length === 0 ? (
        <Nothing>It has none.</Nothing>
      ) : (
        <ul class="plain">
          {session.subscriptions.map(({ filter, qos }) => (
            <li key={filter}>
              <a class="mono" href={pathWith('/history', { filter })}>
                {filter}
              </a>{' '}
              <span class="soft">QoS {qos}</span>
            </li>
          ))}
        </ul>
      )}
      <p class="links">
        <a href={pathWith('/history', { client })}>What it published</a>
      </p>
    </section>
  )
}

function endOf(expirySeconds: number | null): string {
  if (expirySeconds === null) return 'never ends'
  if (expirySeconds === 0) return 'ends with the connection'
  return `ends ${formatDuration(expirySeconds * 1_000)} after the connection`
}

const MOST_STAYS = 100

function Past({ client }: { readonly client: string }) {
  const changes = useAnswer<readonly PresenceChange[]>(
    `/api/clients/${encodeURIComponent(client)}/timeline`,
    { limit: MOST_STAYS },
    EVERY_MS * 2,
  )
  return (
    <section class="panel pad">
      <h2>When it came and went</h2>
      <Loaded of={changes}>{(found) => <Stays stays={staysOf(found)} />}</Loaded>
    </section>
  )
}

const CHANGES = { online: 'came', asleep: 'asleep', awake: 'awake', offline: 'left', lost: 'lost' } as const

const Stays = ({ stays }: { readonly stays: readonly Stay[] }) =>
  stays.length === 0 ? (
    <Nothing>The history does not say.</Nothing>
  ) : (
    <ol class="timeline">
      {stays.map(({ event, at, state, reason, lengthMs }) => (
        <li key={event}>
          <Badge tone={isHere(state) ? 'ok' : 'idle'}>{CHANGES[state]}</Badge>{' '}
          <a href={`/events/${event}`}>
            <Moment at={at} />
          </a>{' '}
          <span class="soft">
            {departureWords(reason)}
            {lengthMs !== null && ` (for ${formatDuration(lengthMs)})`}
          </span>
        </li>
      ))}
    </ol>
  )
