// One run: its steps with every attempt and what they gave, what led to it, what followed; retry and cancel.

import { formatDuration } from '../../base/quantities.ts'
import type { JsonObject } from '../../model/json.ts'
import { describeTruncation } from '../../model/result-words.ts'
import type { Attempt, Step } from '../../model/run.ts'
import type { StoryAnswer, StoryRun } from '../api/answers.ts'
import { postJson } from '../api/client.ts'
import { useAnswer } from '../api/use-answer.ts'
import type { ViewProps } from '../shell/paths.ts'
import { Rerun, rerunOf } from '../runs/rerun.tsx'
import { subjectOf } from '../story/subject.ts'
import { cameOf, deedOf, StoryTree } from '../story/tree.tsx'
import { AskButton } from '../ui/ask-button.tsx'
import { Badge } from '../ui/badge.tsx'
import { Facts } from '../ui/facts.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Ago, Moment } from '../ui/moment.tsx'
import { OutcomeLine, useOutcome } from '../ui/outcome.tsx'
import { RUN_TONES, STEP_TONES } from '../words/states.ts'

const EVERY_MS = 3_000

export function View({ params: { id = '' } }: ViewProps) {
  const story = useAnswer<StoryAnswer>(`/api/runs/${encodeURIComponent(id)}/why`, {}, EVERY_MS)
  const outcome = useOutcome()
  const done = (said: string): void => {
    outcome.tell(said)
    story.reload()
  }
  const run = story.data && subjectOf(story.data)
  return (
    <>
      <Heading title={`Run #${id}`}>{run?.kind === 'run' && <Acts run={run} onDone={done} />}</Heading>
      <OutcomeLine of={outcome} />
      <Loaded of={story}>{(root) => <Whole root={root} />}</Loaded>
    </>
  )
}

interface ActsProps {
  readonly run: StoryRun
  readonly onDone: (said: string) => void
}

const Acts = ({ run: { id, state, rule }, onDone }: ActsProps) => (
  <>
    {state === 'dead' && (
      <AskButton
        label="Retry"
        title={`Retry run ${id}?`}
        confirm="Retry"
        act={async () => {
          await postJson(`/api/runs/${id}/retry`)
          return `Run ${id} is tried again.`
        }}
        onDone={onDone}
      >
        <p>Its dead steps are tried again, with as many attempts as before. Steps that are done stay done.</p>
      </AskButton>
    )}
    {state === 'dead' && (
      <AskButton
        label="Discard"
        title={`Discard run ${id} of ${rule}?`}
        confirm="Discard"
        isDanger
        act={async () => {
          await postJson(`/api/runs/${id}/discard`)
          return `Run ${id} is discarded.`
        }}
        onDone={onDone}
      >
        <p>Nobody tries it again, and it is no longer counted as dead. The history keeps it as cancelled.</p>
      </AskButton>
    )}
    {CAN_RERUN.has(state) && <Rerun run={id} onDone={onDone} />}
    {(state === 'planned' || state === 'running') && (
      <AskButton
        label="Cancel the run"
        title={`Cancel run ${id} of ${rule}?`}
        confirm="Cancel the run"
        isDanger
        act={async () => {
          await postJson(`/api/runs/${id}/cancel`)
          return `Run ${id} is cancelled.`
        }}
        onDone={onDone}
      >
        <p>The step under way is ended, and no other begins.</p>
      </AskButton>
    )}
  </>
)

const CAN_RERUN: ReadonlySet<StoryRun['state']> = new Set(['done', 'dead', 'cancelled'])

function Whole({ root }: { readonly root: StoryAnswer }) {
  const run = subjectOf(root)
  if (run?.kind !== 'run') return null
  const { rule, key, state, plannedAt, startedAt, endedAt, reason, event, details } = run
  const { steps = [], attempts = [] } = run
  return (
    <div class="columns">
      <section class="panel pad">
        <h2>
          <a href={`/rules/${encodeURIComponent(rule)}`}>{rule}</a>{' '}
          <Badge tone={RUN_TONES[state]}>{state}</Badge>
        </h2>
        <Facts
          rows={[
            ['key', key],
            ['because of', <a href={`/events/${event}`}>event #{event}</a>],
            [
              'planned',
              <>
                <Moment at={plannedAt} />{' '}
                <span class="soft">
                  (<Ago at={plannedAt} />)
                </span>
              </>,
            ],
            ['runs again', rerunOf(details)],
            ['waited', startedAt === null ? null : formatDuration(startedAt - plannedAt)],
            ['took', endedAt === null || startedAt === null ? null : formatDuration(endedAt - startedAt)],
            ['reason', reason],
          ]}
        />
        <h3>Steps</h3>
        <ol class="steps">
          {steps.map((step) => (
            <StepItem
              key={step.path}
              step={step}
              attempts={attempts.filter(({ path }) => path === step.path)}
            />
          ))}
        </ol>
      </section>
      <section class="panel pad">
        <h2>Why</h2>
        <StoryTree root={root} {...(root.lostCause !== undefined && { lostCause: root.lostCause })} />
      </section>
    </div>
  )
}

interface StepItemProps {
  readonly step: Step
  /** Of a step that was tried more than once. */
  readonly attempts: readonly Attempt[]
}

function StepItem({ step, attempts }: StepItemProps) {
  const { path, state, attempt, wakeAt, spec, outcome } = step
  const most = spec?.retry.attempts ?? 1
  return (
    <li>
      <p class="node">
        <span class="soft mono">{path}</span> <Badge tone={STEP_TONES[state]}>{state}</Badge>{' '}
        <code>{deedOf(step)}</code>
      </p>
      <p class="came">
        {cameOf(step)}
        {wakeAt !== null && (
          <>
            {' '}
            {spec?.kind === 'wait' ? 'Waits until' : 'Next try at'} <Moment at={wakeAt} />.
          </>
        )}
        {attempt > 1 && (
          <span class="soft">
            {' '}
            Attempt {attempt}
            {attempt <= most ? ` of ${most}` : ''}.
          </span>
        )}
      </p>
      {attempts.length > 1 && (
        <details>
          <summary>{attempts.length} attempts</summary>
          <ol class="attempts">
            {attempts.map(({ attempt: number, startedAt, endedAt, outcome: how }) => (
              <li key={number}>
                <Moment at={startedAt} />{' '}
                {endedAt !== null && <span class="soft">{formatDuration(endedAt - startedAt)}</span>}{' '}
                {how === null ? 'was cut off' : how.kind === 'done' ? 'done' : how.reason}
              </li>
            ))}
          </ol>
        </details>
      )}
      {outcome !== null && <Outputs result={outcome.result ?? {}} path={path} />}
    </li>
  )
}

/** What a step printed, or was answered. */
const OUTPUTS = ['stdout', 'stderr', 'body', 'value'] as const

const Outputs = ({ result, path }: { readonly result: JsonObject; readonly path: string }) => (
  <>
    {OUTPUTS.map((name) => {
      const output = result[name]
      const text =
        typeof output === 'string' ? output : output === undefined ? '' : JSON.stringify(output, null, 2)
      return text === '' ? null : (
        <div key={name}>
          <h4>{name}</h4>
          <pre class="payload" tabIndex={0} role="region" aria-label={`${name} of step ${path}`}>
            {text}
          </pre>
        </div>
      )
    })}
    {describeTruncation(result).map((missing) => (
      <p key={missing} class="soft">
        ({missing})
      </p>
    ))}
  </>
)
