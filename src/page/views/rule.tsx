// One rule: what it made of the messages on its topics, by the stage that decided, its last runs, its source.

import type { RulePauseReport } from '../../model/rule-pause.ts'
import type { Verdict } from '../../model/verdict.ts'
import { describeVerdict } from '../../model/verdict-words.ts'
import type { RuleAnswer, WholeRuleAnswer } from '../api/answers.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Backtest } from '../rules/backtest.tsx'
import { PauseActs, PauseLine } from '../rules/pause-acts.tsx'
import { type Counted, type StageCount, stageCounts } from '../rules/counts.ts'
import { pathWith } from '../shell/paths.ts'
import { type SetQuery, useQuery } from '../shell/router.ts'
import type { ViewProps } from '../shell/paths.ts'
import { Badge } from '../ui/badge.tsx'
import { Facts } from '../ui/facts.tsx'
import { Choice } from '../ui/field.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loaded, Nothing } from '../ui/loaded.tsx'
import { Ago, Moment } from '../ui/moment.tsx'
import { OutcomeLine, useOutcome } from '../ui/outcome.tsx'
import { RunTable } from './runs.tsx'

const EVERY_MS = 5_000
const MOST_SHOWN = 50

const DEFAULT_SPAN = '24h'
const SPANS = [
  ['1h', 'the last hour'],
  ['24h', 'the last day'],
  ['7d', 'the last week'],
] as const

export function View({ params: { name = '' } }: ViewProps) {
  const [query, setQuery] = useQuery()
  const stage = query.get('stage')
  const since = query.get('since') ?? DEFAULT_SPAN
  const rule = useAnswer<WholeRuleAnswer>(`/api/rules/${encodeURIComponent(name)}`, { since }, EVERY_MS)
  const verdicts = useAnswer<readonly Verdict[]>(
    '/api/verdicts',
    { rule: name, stage, limit: MOST_SHOWN },
    EVERY_MS,
  )
  const outcome = useOutcome()
  const done = (said: string): void => {
    outcome.tell(said)
    rule.reload()
  }
  return (
    <>
      <Heading title={name}>
        {rule.data && rule.data.kind !== 'command' && (
          <PauseActs rule={name} pause={rule.data.pause} onDone={done} />
        )}
      </Heading>
      <OutcomeLine of={outcome} />
      <Loaded of={rule}>
        {(found) => (
          <>
            <section class="panel pad">
              <About rule={found} />
            </section>
            <section class="panel pad">
              <div class="line">
                <h2>What it said to the messages on its topics</h2>
                <span class="end">
                  <Choice
                    label="Count"
                    value={since}
                    options={SPANS}
                    onValue={(span) => setQuery({ since: span === DEFAULT_SPAN ? null : span })}
                  />
                </span>
              </div>
              <Counts verdicts={found.verdicts} stage={stage} setQuery={setQuery} />
              <Loaded of={verdicts}>{(listed) => <Verdicts verdicts={listed} />}</Loaded>
            </section>
            <Backtest key={`${name} ${since}`} rule={name} since={since} />
            <h2 class="above">Last firings</h2>
            {found.runs.length === 0 ? (
              <Nothing>It has not fired yet.</Nothing>
            ) : (
              <>
                <RunTable runs={found.runs} />
                <p class="pages">
                  <a href={pathWith('/runs', { rule: name })}>All its runs</a>
                </p>
              </>
            )}
            <Source rule={found} />
          </>
        )}
      </Loaded>
    </>
  )
}

/** The newest pause, while it goes on or once it is over. */
const pauseOf = (pause: RulePauseReport | null) => {
  if (pause === null) return null
  if (pause.state === 'paused') return <PauseLine pause={pause} />
  return (
    <>
      resumed <Ago at={pause.resumedAt!} /> by {pause.resumedBy}
    </>
  )
}

const About = ({
  rule: { kind, line, on, enabled, dryRun, lastRun, pause },
}: {
  readonly rule: RuleAnswer
}) => (
  <Facts
    rows={[
      ['kind', kind],
      ['declared', <span class="mono">{line}</span>],
      ['waits for', on.length === 0 ? null : <span class="mono">{on.join(', ')}</span>],
      ['state', enabled ? (dryRun ? 'dry run: it performs nothing' : 'in force') : 'switched off'],
      ['pause', pauseOf(pause)],
      [
        'last firing',
        lastRun === null ? (
          'none that is kept'
        ) : (
          <a href={`/runs/${lastRun.id}`}>
            <Ago at={lastRun.at} />
          </a>
        ),
      ],
    ]}
  />
)

const Source = ({ rule: { file, source } }: { readonly rule: WholeRuleAnswer }) => (
  <>
    <h2 class="above">
      Source: <span class="mono">{file}</span>
    </h2>
    {source === null ? (
      <Nothing>The file cannot be read.</Nothing>
    ) : (
      <pre class="payload" tabIndex={0} role="region" aria-label={`Source of ${file}`}>
        {source}
      </pre>
    )}
  </>
)

interface CountsProps {
  readonly verdicts: Counted
  readonly stage: string | null
  readonly setQuery: SetQuery
}

function Counts({ verdicts, stage, setQuery }: CountsProps) {
  const counts = stageCounts(verdicts)
  const all = counts.reduce((sum, { count }) => sum + count, 0)
  if (all === 0) return <Nothing>No message has come on its topics in this time.</Nothing>
  return (
    <ul class="counts">
      {counts.map((each) => (
        <StageBar
          key={each.stage}
          count={each}
          of={all}
          isChosen={each.stage === stage}
          onChosen={() => setQuery({ stage: each.stage === stage ? null : each.stage })}
        />
      ))}
    </ul>
  )
}

interface StageBarProps {
  readonly count: StageCount
  readonly of: number
  readonly isChosen: boolean
  readonly onChosen: () => void
}

const StageBar = ({ count: { stage, count, says }, of, isChosen, onChosen }: StageBarProps) => (
  <li data-tone={stage === 'fired' ? 'ok' : stage === 'error' || stage === 'quarantined' ? 'bad' : 'idle'}>
    <button type="button" aria-pressed={isChosen} onClick={onChosen}>
      {says}
    </button>
    <span class="share" aria-hidden="true" style={{ width: `${(count / of) * 100}%` }} />
  </li>
)

const Verdicts = ({ verdicts }: { readonly verdicts: readonly Verdict[] }) =>
  verdicts.length === 0 ? null : (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Event</th>
          <th scope="col">At</th>
          <th scope="col">Key</th>
          <th scope="col">Verdict</th>
        </tr>
      </thead>
      <tbody>
        {verdicts.map(({ event, at, key, stage, reason }) => (
          <tr key={`${event} ${key} ${stage} ${at}`}>
            <td>
              <a href={`/events/${event}`}>#{event}</a>
            </td>
            <td>
              <Moment at={at} />
            </td>
            <td class="mono">{key}</td>
            <td class="wide">
              <Badge tone={stage === 'fired' ? 'ok' : stage === 'error' ? 'bad' : 'idle'}>
                {stage === 'fired' ? 'fired' : 'no'}
              </Badge>{' '}
              {stage !== 'fired' && describeVerdict({ stage, reason })}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
