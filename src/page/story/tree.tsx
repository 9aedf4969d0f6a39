// A story as nested lists: what came first at the top, what followed below, each with a link to itself.

import { describeAction } from '../../model/action-words.ts'
import { describeResult } from '../../model/result-words.ts'
import type { Step } from '../../model/run.ts'
import { describeVerdict } from '../../model/verdict-words.ts'
import type { StoryEvent, StoryNode, StoryRun } from '../api/answers.ts'
import { Badge } from '../ui/badge.tsx'
import { Moment } from '../ui/moment.tsx'
import { payloadLine } from '../words/payload.ts'
import { senderOf } from '../words/sender.ts'
import { RUN_TONES, STEP_TONES } from '../words/states.ts'

export const StoryTree = ({ root, lostCause }: { readonly root: StoryNode; readonly lostCause?: number }) => (
  <>
    {lostCause !== undefined && (
      <p class="soft">Caused by event #{lostCause}, which the history no longer has.</p>
    )}
    <ul class="story">
      <Node node={root} />
    </ul>
  </>
)

/** A tree is read by its topics; the event itself shows the rest. */
const LONGEST_PAYLOAD = 90

const Node = ({ node }: { readonly node: StoryNode }) =>
  node.kind === 'event' ? <EventItem node={node} /> : <RunItem node={node} />

function EventItem({ node }: { readonly node: StoryEvent }) {
  const { id, at, topic, payload, encoding, subject, skips = [], omitted = 0, children } = node
  const text = payloadLine(payload, encoding, LONGEST_PAYLOAD)
  return (
    <li>
      <p class="node" data-subject={subject === true}>
        <a href={`/events/${id}`} {...(subject && { 'aria-current': 'true' as const })}>
          #{id}
        </a>{' '}
        <b class="mono">{topic}</b> {text !== '' && <code>{text}</code>}{' '}
        <span class="soft">
          <Moment at={at} />, from {senderOf(node)}
        </span>
      </p>
      {(children.length > 0 || skips.length > 0 || omitted > 0) && (
        <ul>
          {children.map((child) => (
            <Node key={`${child.kind} ${child.id}`} node={child} />
          ))}
          <Omitted count={omitted} />
          {skips.map(({ rule, key, stage, reason }) => (
            <li key={`${rule} ${key}`}>
              <p class="node">
                <Badge tone="idle">no</Badge> <RuleLink rule={rule} key_={key} />{' '}
                <span class="soft">{describeVerdict({ stage, reason })}</span>
              </p>
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

function RunItem({ node }: { readonly node: StoryRun }) {
  const { id, rule, key, state, reason, subject, steps = [], omitted = 0, children } = node
  return (
    <li>
      <p class="node" data-subject={subject === true}>
        <a href={`/runs/${id}`} {...(subject && { 'aria-current': 'true' as const })}>
          run {id}
        </a>{' '}
        <RuleLink rule={rule} key_={key} /> <Badge tone={RUN_TONES[state]}>{state}</Badge>{' '}
        {reason !== null && <span class="soft">{reason}</span>}
      </p>
      {(children.length > 0 || steps.length > 0 || omitted > 0) && (
        <ul>
          {steps.map((step) => (
            <li key={step.path}>
              <StepLine step={step} />
            </li>
          ))}
          {children.map((child) => (
            <Node key={`${child.kind} ${child.id}`} node={child} />
          ))}
          <Omitted count={omitted} />
        </ul>
      )}
    </li>
  )
}

const StepLine = ({ step }: { readonly step: Step }) => (
  <p class="node">
    <Badge tone={STEP_TONES[step.state]}>{step.state}</Badge> <code>{deedOf(step)}</code>{' '}
    <span class="soft">{cameOf(step)}</span>
  </p>
)

export const deedOf = ({ spec }: Step): string =>
  spec === null ? 'a function of earlier results' : describeAction(spec)

/** What the last attempt gave, or why it failed. */
export const cameOf = ({ outcome, spec }: Step): string => {
  if (outcome === null) return ''
  return outcome.kind === 'done' ? describeResult(spec?.kind ?? null, outcome.result) : outcome.reason
}

const RuleLink = ({ rule, key_ }: { readonly rule: string; readonly key_: string }) => (
  <>
    <a href={`/rules/${encodeURIComponent(rule)}`}>{rule}</a>
    {key_ !== '' && <span class="soft"> {key_}</span>}
  </>
)

const Omitted = ({ count }: { readonly count: number }) =>
  count > 0 ? (
    <li>
      <p class="node soft">and {count.toLocaleString('en')} more</p>
    </li>
  ) : null
