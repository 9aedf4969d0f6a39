// One event: what it said, what led to it, and what followed from it.

import type { StoryAnswer } from '../api/answers.ts'
import { useAnswer } from '../api/use-answer.ts'
import type { ViewProps } from '../shell/paths.ts'
import { pathWith } from '../shell/paths.ts'
import { consequencesOf, subjectOf } from '../story/subject.ts'
import { StoryTree } from '../story/tree.tsx'
import { Ago, Moment } from '../ui/moment.tsx'
import { Facts } from '../ui/facts.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Payload } from '../ui/payload.tsx'
import { counted } from '../words/moments.ts'

/** What follows from an event comes within seconds, or days later: it is asked again at a calm pace. */
const EVERY_MS = 10_000

export function View({ params: { id = '' } }: ViewProps) {
  const story = useAnswer<StoryAnswer>(`/api/events/${encodeURIComponent(id)}/why`, {}, EVERY_MS)
  return (
    <>
      <Heading title={`Event #${id}`}>
        <Neighbours id={Number(id)} />
      </Heading>
      <Loaded of={story}>{(root) => <Whole root={root} />}</Loaded>
    </>
  )
}

function Whole({ root }: { readonly root: StoryAnswer }) {
  const event = subjectOf(root)
  if (event?.kind !== 'event') return null
  const { at, topic, client, origin, qos, retain, payload, encoding, skips = [] } = event
  return (
    <div class="columns">
      <section class="panel pad">
        <h2 class="mono">{topic}</h2>
        <Facts
          rows={[
            [
              'at',
              <>
                <Moment at={at} />{' '}
                <span class="soft">
                  (<Ago at={at} />)
                </span>
              </>,
            ],
            [
              'client',
              client === null ? null : <a href={`/clients/${encodeURIComponent(client)}`}>{client}</a>,
            ],
            ['origin', origin],
            ['QoS', String(qos)],
            ['retain', retain ? 'yes: it is kept as the last message of its topic' : null],
          ]}
        />
        <Payload payload={payload} encoding={encoding} />
        <p class="links">
          <a href={pathWith('/history', { filter: topic })}>History of this topic</a>
        </p>
      </section>
      <section class="panel pad">
        <h2>Why</h2>
        <p class="soft">
          {summaryOf(consequencesOf(event), skips.length, root.id !== event.id || root.kind !== 'event')}
        </p>
        <StoryTree root={root} {...(root.lostCause !== undefined && { lostCause: root.lostCause })} />
      </section>
    </div>
  )
}

const summaryOf = (followed: number, refused: number, hasCause: boolean): string => {
  const cause = hasCause
    ? 'Something led to it, as shown above it.'
    : 'It came from outside: nothing led to it.'
  const effect =
    followed === 0
      ? refused === 0
        ? 'No rule waited for it.'
        : `${counted(refused, 'rule')} waited for it and said no.`
      : `${counted(followed, 'event or run', 'events and runs')} followed from it.`
  return `${cause} ${effect}`
}

const Neighbours = ({ id }: { readonly id: number }) => (
  <>
    {id > 1 && (
      <a class="button" href={`/events/${id - 1}`}>
        Previous
      </a>
    )}
    <a class="button" href={`/events/${id + 1}`}>
      Next
    </a>
  </>
)
