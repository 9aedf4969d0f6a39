// The tree of topics, or the list that a search has found. Only the rows on the screen exist, whatever the number
// of topics; the hub counts where they are. The focus stays on the tree, which names its active row (ARIA tree
// pattern): so scrolling never takes the focus away with a row.

import type { TargetedKeyboardEvent } from 'preact'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { live, type Watching } from '../live/stream.ts'
import { now } from '../shell/now.ts'
import { useStore } from '../shell/store.ts'
import { NO_ROWS, type Row, type Rows, withFrame } from './rows.ts'
import type { Wanted } from './search.ts'
import { keyMove } from './tree-keys.ts'
import { TopicRowView } from './topic-row.tsx'

interface TopicTreeProps {
  readonly search: Wanted | null
  readonly open: ReadonlySet<string>
  readonly selected: string | null
  readonly onToggle: (topic: string, isOpen: boolean) => void
  readonly onSelect: (topic: string) => void
  readonly onState: (state: Rows['state']) => void
}

type TopicTreePress = (index: number, row: Row, onChevron: boolean) => void

/** Rows above and below the screen, so that a turn of the wheel shows no holes. */
const SPARE = 12
/** The window moves in steps of so many rows, so that a short way asks nothing of the hub. */
const STEP = 8

export function TopicTree({ search, open, selected, onToggle, onSelect, onState }: TopicTreeProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const watching = useRef<Watching | null>(null)
  const [rows, setRows] = useState<Rows>(NO_ROWS)
  const [view, setView] = useState({ from: 0, count: 60, rowHeight: 28 })
  const [active, setActive] = useState(0)
  const typed = useRef({ text: '', at: 0 })
  const shownAt = useStore(now)

  const wanted = {
    kind: 'topics' as const,
    from: view.from,
    count: view.count,
    ...(search === null ? { open: Array.from(open) } : { search }),
  }
  const wantedText = JSON.stringify(wanted)
  useEffect(() => {
    const started = live.watch(
      wanted,
      (frame) => {
        if (frame.kind === 'topics') setRows((before) => withFrame(before, frame))
      },
      () => setRows(({ state }) => ({ ...NO_ROWS, state })),
    )
    watching.current = started
    return () => started.stop()
  }, [])
  useEffect(() => watching.current?.update(wanted), [wantedText])
  useEffect(() => onState(rows.state), [rows.state])

  const look = (): void => {
    const { current } = scroller
    if (!current) return
    const rowHeight = Number.parseFloat(getComputedStyle(current).getPropertyValue('--row')) || 28
    const first = Math.floor(current.scrollTop / rowHeight) - SPARE
    const from = Math.max(0, Math.floor(first / STEP) * STEP)
    const count = Math.min(300, Math.ceil(current.clientHeight / rowHeight) + 2 * SPARE + STEP)
    setView((before) =>
      before.from === from && before.count === count && before.rowHeight === rowHeight
        ? before
        : { from, count, rowHeight },
    )
  }
  useLayoutEffect(() => {
    look()
    const observer = new ResizeObserver(look)
    if (scroller.current) observer.observe(scroller.current)
    return () => observer.disconnect()
  }, [])
  useEffect(() => {
    // Another search begins at its first row.
    if (scroller.current) scroller.current.scrollTop = 0
    setActive(0)
  }, [JSON.stringify(search)])

  const rowAt = (index: number): Row | undefined => rows.rows[index - rows.from]
  const activeRow = rowAt(active)
  // Rows that came above move the active one: it stays the same topic.
  const activeTopic = useRef<string | null>(null)
  useLayoutEffect(() => {
    if (activeTopic.current === null) return
    const at = rows.rows.findIndex(({ topic }) => topic === activeTopic.current)
    if (at >= 0 && at + rows.from !== active) setActive(at + rows.from)
  }, [rows.rows])

  const go = (index: number): void => {
    const to = Math.max(0, Math.min(rows.state.total - 1, index))
    activeTopic.current = rowAt(to)?.topic ?? null
    setActive(to)
    const { current } = scroller
    if (!current) return
    const top = to * view.rowHeight
    if (top < current.scrollTop) current.scrollTop = top
    else if (top + view.rowHeight > current.scrollTop + current.clientHeight)
      current.scrollTop = top + view.rowHeight - current.clientHeight
  }

  const onKeyDown = (event: TargetedKeyboardEvent<HTMLDivElement>): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const pageRows = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / view.rowHeight) - 1)
    const move = keyMove(event.key, { rows, active, pageRows, typed: typed.current, now: Date.now() })
    if (move === null) return
    event.preventDefault()
    if (move.kind === 'go') go(move.to)
    else if (move.kind === 'toggle') onToggle(move.topic, move.isOpen)
    else onSelect(move.topic)
  }

  // One function for good: another one would render every row again at every frame.
  const pressed = useRef<TopicTreePress>(() => {})
  pressed.current = (index, row, onChevron) => {
    activeTopic.current = row.topic
    setActive(index)
    if (row.children > 0 && search === null && (onChevron || row.facts?.isTopic !== true))
      onToggle(row.topic, !row.isOpen)
    // A narrow screen has no room for what is known of a level beside the tree.
    if (!onChevron && (row.facts?.isTopic === true || matchMedia('(min-width: 1001px)').matches))
      onSelect(row.topic)
  }
  const press = useCallback<TopicTreePress>((...what) => pressed.current(...what), [])

  return (
    <div class="tree-scroll" ref={scroller} onScroll={look}>
      <div
        role="tree"
        aria-label={search === null ? 'Topics' : 'Topics that were found'}
        class="tree"
        tabIndex={0}
        style={{ height: `${rows.state.total * view.rowHeight}px` }}
        onKeyDown={onKeyDown}
        {...(activeRow && { 'aria-activedescendant': `row-${active}` })}
      >
        {rows.rows.map((row, offset) => (
          <TopicRowView
            key={row.topic}
            index={rows.from + offset}
            row={row}
            top={(rows.from + offset) * view.rowHeight}
            isList={search !== null}
            isActive={rows.from + offset === active}
            isSelected={row.topic === selected}
            now={shownAt}
            onPress={press}
          />
        ))}
      </div>
    </div>
  )
}
