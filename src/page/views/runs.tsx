// Runs: what was done because of the events. Dead runs are shown by what went wrong, so that a hundred with one
// cause are one line.

import type { Run } from '../../model/run.ts'
import { RUN_STATES } from '../../model/run.ts'
import { useAnswer } from '../api/use-answer.ts'
import { pathWith } from '../shell/paths.ts'
import { useQuery } from '../shell/router.ts'
import { Badge } from '../ui/badge.tsx'
import { Choice, Filters, TextField } from '../ui/field.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loaded, Nothing } from '../ui/loaded.tsx'
import { Moment } from '../ui/moment.tsx'
import { DeadGroups } from '../runs/dead-groups.tsx'
import { RUN_TONES } from '../words/states.ts'
import { formatDuration } from '../../base/quantities.ts'

const EVERY_MS = 5_000
const PAGE = 100

const STATES = [['', 'any'], ...RUN_STATES.map((state) => [state, state] as const)] as const
const SINCE = [
  ['', 'ever'],
  ['1h', 'the last hour'],
  ['24h', 'the last day'],
  ['7d', 'the last week'],
] as const

export function View() {
  const [query, setQuery] = useQuery()
  const asked = {
    rule: query.get('rule'),
    state: query.get('state'),
    since: query.get('since'),
    before: query.get('before'),
  }
  const runs = useAnswer<readonly Run[]>(
    '/api/runs',
    { ...asked, limit: PAGE },
    asked.before === null ? EVERY_MS : undefined,
  )
  const value = (name: keyof typeof asked): string => asked[name] ?? ''
  return (
    <>
      <Heading title="Runs" />
      <Filters>
        <TextField
          label="Rule"
          value={value('rule')}
          placeholder="any"
          onValue={(rule) => setQuery({ rule, before: null })}
        />
        <Choice
          label="State"
          value={value('state')}
          options={STATES}
          onValue={(state) => setQuery({ state, before: null })}
        />
        <Choice
          label="Since"
          value={value('since')}
          options={SINCE}
          onValue={(since) => setQuery({ since, before: null })}
        />
      </Filters>
      {asked.state === 'dead' && asked.before === null && asked.rule === null && <DeadGroups />}
      <Loaded of={runs}>
        {(listed) =>
          listed.length === 0 ? (
            <Nothing>No run is like that.</Nothing>
          ) : (
            <>
              <RunTable runs={listed} />
              <Pages listed={listed} asked={asked} />
            </>
          )
        }
      </Loaded>
    </>
  )
}

export const RunTable = ({ runs }: { readonly runs: readonly Run[] }) => (
  <div class="panel">
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Run</th>
          <th scope="col">State</th>
          <th scope="col">Rule</th>
          <th scope="col">Planned</th>
          <th scope="col">Took</th>
          <th scope="col">Because of</th>
        </tr>
      </thead>
      <tbody>
        {runs.map(({ id, rule, key, state, plannedAt, endedAt, reason, event }) => (
          <tr key={id}>
            <td>
              <a href={`/runs/${id}`}>#{id}</a>
            </td>
            <td>
              <Badge tone={RUN_TONES[state]}>{state}</Badge>
            </td>
            <td class="wide">
              <a href={`/rules/${encodeURIComponent(rule)}`}>{rule}</a>
              {key !== '' && <span class="soft"> {key}</span>}
              {reason !== null && <div class="soft">{reason}</div>}
            </td>
            <td>
              <Moment at={plannedAt} />
            </td>
            <td>{endedAt === null ? '' : formatDuration(endedAt - plannedAt)}</td>
            <td>
              <a href={`/events/${event}`}>event #{event}</a>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

interface PagesProps {
  readonly listed: readonly Run[]
  readonly asked: Readonly<Record<'rule' | 'state' | 'since' | 'before', string | null>>
}

const Pages = ({ listed, asked }: PagesProps) => (
  <p class="pages">
    {asked.before !== null && <a href={pathWith('/runs', { ...asked, before: null })}>Newest</a>}
    {listed.length === PAGE && <a href={pathWith('/runs', { ...asked, before: listed.at(-1)!.id })}>Older</a>}
  </p>
)
