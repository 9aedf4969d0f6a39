// Clients: who is here, and how the others left.

import { isHere, type ClientStatus } from '../../model/client.ts'
import { useAnswer } from '../api/use-answer.ts'
import { departureWords, isLost } from '../clients/departures.ts'
import { pathWith } from '../shell/paths.ts'
import { useQuery } from '../shell/router.ts'
import { Badge } from '../ui/badge.tsx'
import { Choice, Filters } from '../ui/field.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loaded, Nothing } from '../ui/loaded.tsx'
import { Ago } from '../ui/moment.tsx'

const EVERY_MS = 10_000
const PAGE = 200

const STATES = [
  ['', 'all'],
  ['online', 'online'],
  ['asleep', 'asleep'],
  ['offline', 'offline'],
  ['lost', 'lost'],
] as const

export function View() {
  const [query, setQuery] = useQuery()
  const state = query.get('state')
  const after = query.get('after')
  const clients = useAnswer<readonly ClientStatus[]>('/api/clients', { state, after, limit: PAGE }, EVERY_MS)
  return (
    <>
      <Heading title="Clients" />
      <Filters>
        <Choice
          label="State"
          value={state ?? ''}
          options={STATES}
          onValue={(chosen) => setQuery({ state: chosen, after: null })}
        />
      </Filters>
      <Loaded of={clients}>
        {(listed) =>
          listed.length === 0 ? (
            <Nothing>{after === null ? 'No client has connected yet.' : 'There are no more.'}</Nothing>
          ) : (
            <>
              <ClientTable clients={listed} />
              <p class="pages">
                {after !== null && <a href={pathWith('/clients', { state })}>First</a>}
                {listed.length === PAGE && (
                  <a href={pathWith('/clients', { state, after: listed.at(-1)!.client })}>More</a>
                )}
              </p>
            </>
          )
        }
      </Loaded>
    </>
  )
}

const ClientTable = ({ clients }: { readonly clients: readonly ClientStatus[] }) => (
  <div class="panel">
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Client</th>
          <th scope="col">State</th>
          <th scope="col">Since</th>
          <th scope="col">Last word</th>
          <th scope="col">Address</th>
          <th scope="col">Subscriptions</th>
          <th scope="col">Waiting</th>
        </tr>
      </thead>
      <tbody>
        {clients.map((status) => (
          <tr key={status.client}>
            <td class="wide">
              <a href={`/clients/${encodeURIComponent(status.client)}`}>{status.client}</a>
              {status.user !== null && <span class="soft"> as {status.user}</span>}
            </td>
            <td>
              <ClientState status={status} />
            </td>
            <td>
              <Ago at={status.since} />
            </td>
            <td>
              {status.publishedAt === null ? <span class="soft">none</span> : <Ago at={status.publishedAt} />}
            </td>
            <td class="mono">{status.address}</td>
            <td>{status.session?.subscriptions.length ?? ''}</td>
            <td>{status.session === null ? '' : status.session.queued || ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

export const ClientState = ({ status }: { readonly status: ClientStatus }) =>
  isHere(status.state) ? (
    <Badge tone="ok">{status.state}</Badge>
  ) : (
    <>
      <Badge tone={isLost(status) ? 'bad' : 'idle'}>{isLost(status) ? 'lost' : 'offline'}</Badge>{' '}
      <span class="soft">{departureWords(status.reason)}</span>
    </>
  )
