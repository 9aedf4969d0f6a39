// A row of the tree: a level with its last value, how long ago that came, how many come a second, and whether a
// message is retained.

import { memo } from '../ui/memo.ts'
import { Icon } from '../ui/icon.tsx'
import { shortCount, shortLength, shortRate } from '../words/moments.ts'
import { lineOf } from './payload.ts'
import { rateNow, type Row } from './rows.ts'

interface TopicRowProps {
  readonly index: number
  readonly row: Row
  /** Distance from the top of the tree, in pixels. */
  readonly top: number
  /** The rows are a list of whole topics. */
  readonly isList: boolean
  readonly isActive: boolean
  readonly isSelected: boolean
  readonly now: number
  readonly onPress: (index: number, row: Row, onChevron: boolean) => void
}

/** What comes more often does not flash: the rate tells it, and light that flickers tires. */
const FLASHES_BELOW = 2

export const TopicRowView = memo(function TopicRowView({
  index,
  row,
  top,
  isList,
  isActive,
  isSelected,
  now,
  onPress,
}: TopicRowProps) {
  const { facts, children } = row
  const perSecond = facts ? rateNow(facts, now) : 0
  const hasChevron = children > 0 && !isList
  const isQuiet = perSecond < FLASHES_BELOW && facts?.isTopic === true && now - facts.lastAt < 3_000
  return (
    <div
      id={`row-${index}`}
      role="treeitem"
      class="row"
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.size}
      aria-selected={isSelected}
      {...(hasChevron && { 'aria-expanded': row.isOpen })}
      data-active={isActive}
      style={{ transform: `translateY(${top}px)`, '--level': String(row.level - 1) }}
      onClick={(event) => onPress(index, row, (event.target as Element).closest('.chevron') !== null)}
    >
      <span class="what">
        <span class="chevron" data-open={row.isOpen}>
          {hasChevron && <Icon name="right" size={14} />}
        </span>
        <span class="name">{isList ? row.topic : row.name || '(empty)'}</span>
        {children > 0 && !isList && (
          <span class="inside" title={`${facts?.topics ?? children} topics`}>
            {shortCount(facts?.topics ?? children)}
            <span class="unseen"> topics</span>
          </span>
        )}
        {facts?.isRetained === true && (
          <span class="retained" title="A message is retained">
            R<span class="unseen">etained</span>
          </span>
        )}
      </span>
      <span class="value" data-beat={isQuiet ? facts.messages % 2 : undefined}>
        {facts?.isTopic === true && facts.value !== null ? lineOf(facts.value).slice(0, 200) : ''}
      </span>
      <span class="rate">{shortRate(perSecond)}</span>
      <span class="age">{facts && facts.lastAt > 0 && shortLength(now - facts.lastAt)}</span>
    </div>
  )
})
