// Topics: the tree of all topics that the hub has ever seen, a search among them, and the topic that is open.
// In the address: the search (`q`, `payloads`), the topic that is open (`topic`) and the number that is plotted.

import { useEffect, useState } from 'preact/hooks'
import './topics.css'
import { useQuery } from '../shell/router.ts'
import { levelsAbove, NO_ROWS, type Rows } from '../topics/rows.ts'
import { searchFor } from '../topics/search.ts'
import { TopicDetail } from '../topics/topic-detail.tsx'
import { TopicTree } from '../topics/topic-tree.tsx'
import { Heading } from '../ui/heading.tsx'
import { Icon } from '../ui/icon.tsx'
import { shortCount, shortRate } from '../words/moments.ts'

/** Stands in the address for the payload that is a number itself. */
const ITSELF = '.'

/** Levels that stay open while the page is at another view. */
let kept: ReadonlySet<string> = new Set()

export function View() {
  const [query, setQuery] = useQuery()
  const text = query.get('q') ?? ''
  const payloads = query.has('payloads')
  const topic = query.get('topic')
  const { search, problem } = searchFor(text, payloads)
  const [open, setOpen] = useState<ReadonlySet<string>>(
    () => new Set([...kept, ...(topic === null ? [] : levelsAbove(topic))]),
  )
  const [state, setState] = useState<Rows['state']>(NO_ROWS.state)
  useEffect(() => {
    kept = open
  }, [open])

  const toggle = (level: string, isOpen: boolean): void =>
    setOpen((before) => {
      const next = new Set(before)
      if (isOpen) next.add(level)
      else next.delete(level)
      return next
    })
  return (
    <>
      <Heading title="Topics">
        <form class="search" role="search" onSubmit={(event) => event.preventDefault()}>
          <Icon name="search" />
          <input
            type="search"
            aria-label="Search all topics"
            placeholder="house/+/temperature, or any text"
            value={text}
            spellcheck={false}
            aria-invalid={problem !== null}
            aria-describedby="search-says"
            onInput={(event) => setQuery({ q: event.currentTarget.value })}
          />
          <button type="button" aria-pressed={payloads} onClick={() => setQuery({ payloads: !payloads })}>
            Payloads
          </button>
        </form>
      </Heading>
      <p class={problem === null ? 'says soft' : 'says problem'}>
        <span id="search-says" role="status">
          {problem ?? saysOf(state, search !== null)}
        </span>
        {search === null && state.rate >= 0.05 && <span> · {shortRate(state.rate)} in all</span>}
      </p>
      <div class="whole topics" data-opened={topic !== null}>
        <div class="panel tree-panel">
          <TopicTree
            search={search}
            open={open}
            selected={topic}
            onToggle={toggle}
            onSelect={(selected) => setQuery({ topic: selected, plot: null }, topic !== null)}
            onState={setState}
          />
        </div>
        {topic !== null && (
          <TopicDetail
            key={topic}
            topic={topic}
            plotted={query.get('plot') === ITSELF ? '' : query.get('plot')}
            onPlot={(path) => setQuery({ plot: path === '' ? ITSELF : path })}
            onClose={() => setQuery({ topic: null, plot: null })}
          />
        )}
      </div>
    </>
  )
}

function saysOf(state: Rows['state'], isSearch: boolean): string {
  const { topics, total, found, isSearching, isRestoring, beyond } = state
  const all = `${topics.toLocaleString('en')} ${topics === 1 ? 'topic' : 'topics'}`
  const parts = isSearch
    ? [
        `${found.toLocaleString('en')} of ${all}`,
        found > total && !isSearching && `the first ${total.toLocaleString('en')} are listed`,
        isSearching && 'searching…',
      ]
    : [all]
  const rest = [
    isRestoring && 'reading the history…',
    beyond > 0 &&
      `${shortCount(beyond)} messages on topics beyond the ${topics.toLocaleString('en')} that have room here`,
  ]
  return [...parts, ...rest].filter((part) => typeof part === 'string').join(' · ')
}
