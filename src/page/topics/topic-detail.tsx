// What is known of the topic that is open: its last message, what changed in it, its numbers, its past, and what
// can be done with it.

import { useState } from 'preact/hooks'
import { formatSize } from '../../base/quantities.ts'
import { pathWith } from '../shell/paths.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { Facts } from '../ui/facts.tsx'
import { Icon } from '../ui/icon.tsx'
import { Ago } from '../ui/moment.tsx'
import { timeOfDay } from '../words/moments.ts'
import { senderOf } from '../words/sender.ts'
import { ClearRetained } from './clear-retained.tsx'
import { numbersIn } from './numbers.ts'
import { bytesOf, FORM_NAMES, FORMS, type Form, formOf, jsonIn, lineOf } from './payload.ts'
import { PayloadView } from './payload-view.tsx'
import { Plot } from './plot.tsx'
import { PublishBox } from './publish-box.tsx'
import { ruleText } from './rule-text.ts'
import type { Sample } from './samples.ts'
import { useSamples } from './use-samples.ts'

interface TopicDetailProps {
  readonly topic: string
  /** The number that is plotted; `null`: none. */
  readonly plotted: string | null
  readonly onPlot: (path: string | null) => void
  readonly onClose: () => void
}

/** So many past messages are listed; the history has the rest. */
const LISTED = 12
/** The schema of a rule is guessed from so many. */
const GUESSED_FROM = 50

export function TopicDetail({ topic, plotted, onPlot, onClose }: TopicDetailProps) {
  const samples = useSamples(topic)
  const [chosenForm, setForm] = useState<Form | null>(null)
  const [isCompared, setCompared] = useState(true)
  const last = samples.at(-1)
  const form = chosenForm ?? (last ? formOf(last.payload) : 'text')
  const json = last && jsonIn(last.payload)
  const numbers = json ? numbersIn(json.value) : []
  return (
    <section class="detail panel" aria-label={`Topic ${topic}`}>
      <header>
        <button type="button" class="bare" onClick={onClose}>
          <Icon name="close" />
          <span class="unseen">Close the topic</span>
        </button>
        <h2 class="mono">{topic}</h2>
        <CopyButton text={topic}>Copy</CopyButton>
      </header>
      {last === undefined ? (
        <p class="soft">Nothing is recorded on exactly this topic.</p>
      ) : (
        <>
          <About sample={last} />
          <div class="forms" role="group" aria-label="Form of the payload">
            {FORMS.map((each) => (
              <button key={each} type="button" aria-pressed={each === form} onClick={() => setForm(each)}>
                {FORM_NAMES[each]}
              </button>
            ))}
            <button
              type="button"
              class="apart"
              aria-pressed={isCompared}
              disabled={samples.length < 2}
              onClick={() => setCompared(!isCompared)}
            >
              Changes
            </button>
          </div>
          <PayloadView
            payload={last.payload}
            before={isCompared ? (samples.at(-2)?.payload ?? null) : null}
            form={form}
          />
          <Cut sample={last} />
          {numbers.length > 0 && (
            <div class="numbers" role="group" aria-label="Plot a number">
              {numbers.map(({ path, value }) => (
                <button
                  key={path}
                  type="button"
                  aria-pressed={plotted === path}
                  onClick={() => onPlot(plotted === path ? null : path)}
                >
                  {path === '' ? 'value' : path} <span class="number">{value}</span>
                </button>
              ))}
            </div>
          )}
          {plotted !== null && (
            <Plot samples={samples} path={plotted} name={plotted === '' ? topic : plotted} />
          )}
          <Past samples={samples} topic={topic} />
          <Fold title="Copy as rule">
            <RuleBox topic={topic} samples={samples} />
          </Fold>
        </>
      )}
      <Fold title="Publish">
        <PublishBox topic={topic} />
      </Fold>
      <Fold title="Retained messages">
        <ClearRetained topic={topic} />
      </Fold>
    </section>
  )
}

const About = ({ sample }: { readonly sample: Sample }) => (
  <Facts
    rows={[
      [
        'last',
        <>
          <time dateTime={new Date(sample.at).toISOString()}>{timeOfDay(sample.at)}</time> (
          <Ago at={sample.at} />)
        </>,
      ],
      ['from', senderOf(sample)],
      ['QoS', `${sample.qos}${sample.retain ? ', retain' : ''}`],
      ['size', formatSize(sample.bytes)],
      ['event', sample.event > 0 ? <a href={`/events/${sample.event}`}>{sample.event}</a> : null],
    ]}
  />
)

function Cut({ sample: { payload, bytes, event } }: { readonly sample: Sample }) {
  const shown = bytesOf(payload).length
  if (shown >= bytes) return null
  return (
    <p class="soft">
      The first {formatSize(shown)} of {formatSize(bytes)}.{' '}
      {event > 0 && <a href={`/events/${event}`}>Show the whole event</a>}
    </p>
  )
}

const Past = ({ samples, topic }: { readonly samples: readonly Sample[]; readonly topic: string }) => (
  <div class="past">
    <h3>Before</h3>
    <ol>
      {samples
        .slice(-LISTED - 1, -1)
        .toReversed()
        .map((sample) => (
          <li key={`${sample.event} ${sample.at}`}>
            <time dateTime={new Date(sample.at).toISOString()}>{timeOfDay(sample.at)}</time>
            <code>{lineOf(sample.payload).slice(0, 120)}</code>
          </li>
        ))}
    </ol>
    {samples.length < 2 ? (
      <p class="soft">This is the first message on the topic.</p>
    ) : (
      <a href={pathWith('/history', { filter: topic })}>All of the history</a>
    )}
  </div>
)

function RuleBox({ topic, samples }: { readonly topic: string; readonly samples: readonly Sample[] }) {
  const payloads = samples.slice(-GUESSED_FROM).flatMap(({ payload }) => {
    const found = jsonIn(payload)
    return found ? found.value : (payload.text ?? [])
  })
  const text = ruleText(topic, payloads)
  return (
    <>
      <p class="soft">
        The schema is guessed from {payloads.length === 1 ? 'one payload' : `${payloads.length} payloads`}.
        Save it as a file in the rules folder and go on from there.
      </p>
      <pre class="payload" tabIndex={0} aria-label="A rule for this topic">
        {text}
      </pre>
      <CopyButton text={text}>Copy the rule</CopyButton>
    </>
  )
}

interface FoldProps {
  readonly title: string
  readonly children: preact.ComponentChildren
}

const Fold = ({ title, children }: FoldProps) => (
  <details>
    <summary>{title}</summary>
    <div class="folded">{children}</div>
  </details>
)
