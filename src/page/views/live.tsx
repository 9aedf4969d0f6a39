// Live: messages as they come, with a filter and a pause. In the address: `filter`, `text` and `paused`.

import { useEffect, useRef, useState } from 'preact/hooks'
import './live.css'
import { clear, EMPTY, type Listed, type LiveList, resume, sampling, take } from '../live/live-list.ts'
import { live } from '../live/stream.ts'
import { now } from '../shell/now.ts'
import { pathWith } from '../shell/paths.ts'
import { useQuery } from '../shell/router.ts'
import { useStore } from '../shell/store.ts'
import { lineOf } from '../topics/payload.ts'
import { memo } from '../ui/memo.ts'
import { Heading } from '../ui/heading.tsx'
import { Icon } from '../ui/icon.tsx'
import { shortCount, timeOfDay } from '../words/moments.ts'
import { senderOf } from '../words/sender.ts'
import { formatSize } from '../../base/quantities.ts'
import { topicFilterProblem } from '../../topics/names.ts'

export function View() {
  const [query, setQuery] = useQuery()
  const filter = query.get('filter') ?? '#'
  const text = query.get('text') ?? ''
  const isPaused = query.has('paused')
  const [list, setList] = useState<LiveList>(EMPTY)
  const paused = useRef(isPaused)
  paused.current = isPaused
  const problem = topicFilterProblem(filter)
  const shownAt = useStore(now)

  useEffect(() => {
    if (problem !== undefined) return undefined
    setList(EMPTY)
    const watching = live.watch(
      { kind: 'messages', filter, perSecond: 60, ...(text !== '' && { text }) },
      (frame) => {
        if (frame.kind === 'messages') setList((before) => take(before, frame, paused.current, Date.now()))
      },
      () => {},
    )
    return () => watching.stop()
  }, [filter, text, problem])

  const pause = (): void => {
    if (isPaused) setList(resume)
    setQuery({ paused: !isPaused })
  }
  return (
    <>
      <Heading title="Live">
        <form class="search" role="search" onSubmit={(event) => event.preventDefault()}>
          <input
            class="mono filter"
            aria-label="Topic filter"
            value={filter}
            spellcheck={false}
            aria-invalid={problem !== undefined}
            aria-describedby="live-says"
            onInput={(event) =>
              setQuery({ filter: event.currentTarget.value === '#' ? null : event.currentTarget.value })
            }
          />
          <input
            type="search"
            aria-label="Text in topic or payload"
            placeholder="any text"
            value={text}
            spellcheck={false}
            onInput={(event) => setQuery({ text: event.currentTarget.value })}
          />
        </form>
        <button type="button" aria-pressed={isPaused} onClick={pause}>
          <Icon name={isPaused ? 'play' : 'pause'} />
          {isPaused ? 'Go on' : 'Pause'}
        </button>
        <button type="button" onClick={() => setList(clear)}>
          Clear
        </button>
      </Heading>
      <p id="live-says" class={problem === undefined ? 'says soft' : 'says problem'}>
        {problem ??
          (isPaused
            ? `Paused; ${shortCount(list.waiting)} came meanwhile. ${sampling(list, shownAt)}.`
            : `${sampling(list, shownAt)}.`)}
      </p>
      <div class="whole panel stream">
        {list.shown.length === 0 ? (
          <p class="soft nothing">
            {isPaused ? 'Nothing was shown before the pause.' : 'Messages appear here as they are published.'}
          </p>
        ) : (
          <ol class="messages" tabIndex={0} aria-label="Messages, newest first">
            {list.shown.map((message) => (
              <MessageRow key={message.number} message={message} />
            ))}
          </ol>
        )}
      </div>
    </>
  )
}

const MessageRow = memo(function MessageRow({ message }: { readonly message: Listed }) {
  const { at, topic, payload, bytes, qos, retain, event } = message
  return (
    <li class="message">
      <time dateTime={new Date(at).toISOString()}>
        {event > 0 ? <a href={`/events/${event}`}>{timeOfDay(at)}</a> : timeOfDay(at)}
      </time>
      <a class="topic" href={pathWith('/topics', { topic })}>
        {topic}
      </a>
      <code>{lineOf(payload).slice(0, 400) || <span class="soft">empty</span>}</code>
      <span class="how">
        {senderOf(message)} · QoS {qos}
        {retain && ' · retain'} · {formatSize(bytes)}
      </span>
    </li>
  )
})
