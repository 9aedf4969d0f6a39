// Rules: which are in force and what they made of the last day's events, and which files did not load, with file
// and line.

import type { RuleAnswer, RulesAnswer } from '../api/answers.ts'
import { useAnswer } from '../api/use-answer.ts'
import { briefly } from '../rules/counts.ts'
import { PauseLine } from '../rules/pause-acts.tsx'
import { useQuery } from '../shell/router.ts'
import { Badge } from '../ui/badge.tsx'
import { Filters, TextField } from '../ui/field.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loaded, Nothing } from '../ui/loaded.tsx'
import { Ago, Moment } from '../ui/moment.tsx'
import { Notice } from '../ui/notice.tsx'
import { counted } from '../words/moments.ts'

const EVERY_MS = 5_000

export function View() {
  const [query, setQuery] = useQuery()
  const text = query.get('q') ?? ''
  const rules = useAnswer<RulesAnswer>('/api/rules', {}, EVERY_MS)
  return (
    <>
      <Heading title="Rules" />
      <Loaded of={rules}>
        {({ rules: all, failures, quarantined, since }) => (
          <>
            <Failures failures={failures} />
            <Quarantined names={quarantined} />
            <Filters>
              <TextField
                label="Name, file or topic"
                value={text}
                placeholder="any"
                onValue={(q) => setQuery({ q })}
              />
            </Filters>
            <RuleTable rules={all.filter((rule) => isFound(rule, text))} since={since} />
          </>
        )}
      </Loaded>
    </>
  )
}

const isFound = ({ name, file, on }: RuleAnswer, text: string): boolean =>
  [name, file, ...on].some((each) => each.toLowerCase().includes(text.toLowerCase()))

/** A sentence, and a part of the source where there is one. */
const Failures = ({ failures }: { readonly failures: readonly string[] }) =>
  failures.length === 0 ? null : (
    <Notice
      kind="bad"
      title={
        failures.length === 1
          ? 'A rule file did not load. What was in force before stays in force.'
          : `${failures.length} rule files did not load. What was in force before stays in force.`
      }
    >
      {failures.map((failure) => (
        <pre key={failure} class="payload" tabIndex={0} role="region" aria-label="What is wrong">
          {failure}
        </pre>
      ))}
    </Notice>
  )

const Quarantined = ({ names }: { readonly names: readonly string[] }) =>
  names.length === 0 ? null : (
    <Notice
      kind="bad"
      title={`${counted(names.length, 'rule')} hung or ended the engine, and ${names.length === 1 ? 'is' : 'are'} left out until saved again.`}
    >
      <ul class="plain">
        {names.map((name) => (
          <li key={name}>{name}</li>
        ))}
      </ul>
    </Notice>
  )

interface RuleTableProps {
  readonly rules: readonly RuleAnswer[]
  readonly since: number
}

const RuleTable = ({ rules, since }: RuleTableProps) =>
  rules.length === 0 ? (
    <Nothing>No rule is like that.</Nothing>
  ) : (
    <div class="panel">
      <table class="list">
        <thead>
          <tr>
            <th scope="col">Rule</th>
            <th scope="col">Waits for</th>
            <th scope="col">
              Since <Moment at={since} />
            </th>
            <th scope="col">Last firing</th>
          </tr>
        </thead>
        <tbody>
          {rules.map(({ name, kind, line, on, enabled, dryRun, verdicts, lastRun, pause }) => (
            <tr key={name}>
              <td class="wide">
                <a href={`/rules/${encodeURIComponent(name)}`}>{name}</a>{' '}
                {kind !== 'rule' && <Badge tone="idle">{kind}</Badge>}
                {!enabled && <Badge tone="warn">switched off</Badge>}
                {dryRun && <Badge tone="warn">dry run</Badge>}
                {pause?.state === 'paused' && <Badge tone="warn">paused</Badge>}
                <div class="soft">{line}</div>
                {pause?.state === 'paused' && (
                  <div>
                    <PauseLine pause={pause} />
                  </div>
                )}
              </td>
              <td class="wide mono">{on.join(', ')}</td>
              <td>{briefly(verdicts)}</td>
              <td>
                {lastRun === null ? (
                  <span class="soft">none</span>
                ) : (
                  <a href={`/runs/${lastRun.id}`}>
                    <Ago at={lastRun.at} />
                  </a>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
