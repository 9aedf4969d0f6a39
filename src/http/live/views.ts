// What a page asks to be told of, and the frames that tell it. The page has these types, too.

import { z } from 'zod'
import { topicFilterProblem } from '../../topics/names.ts'

/** Rows of a window: more than the tallest screen shows. */
const MOST_ROWS = 300
const MOST_OPEN = 2_000
const MOST_VIEWS = 8
const LONGEST_TEXT = 1_024

const topic = z.string().max(65_535)
const filter = topic.superRefine((text, context) => {
  const message = topicFilterProblem(text)
  if (message !== undefined) context.addIssue({ code: 'custom', message })
})
const text = z.string().max(LONGEST_TEXT)
const position = z.number().int().min(0)

const topicsView = z.strictObject({
  kind: z.literal('topics'),
  /** Levels whose children show; unused while searching. */
  open: z.array(topic).max(MOST_OPEN).default([]),
  /** Position of the first row, and how many rows. */
  from: position.default(0),
  count: position.max(MOST_ROWS).default(50),
  /** Shows the topics that it finds as a list instead of the tree. */
  search: z
    .strictObject({
      filter: filter.optional(),
      /** What the topic is to contain, in letters of either case. */
      text: text.optional(),
      /** What the last payload of the topic is to contain, in letters of either case. */
      payload: text.optional(),
    })
    .optional(),
})

const messagesView = z.strictObject({
  kind: z.literal('messages'),
  filter,
  /** What topic or payload are to contain, in letters of either case. */
  text: text.optional(),
  /** How many messages are sent in a second at most; the others are counted. */
  perSecond: z.number().int().min(1).max(200).default(60),
})

export const viewsSchema = z
  .record(z.string().max(64), z.discriminatedUnion('kind', [topicsView, messagesView]))
  .refine((views) => Object.keys(views).length <= MOST_VIEWS, `No page has more than ${MOST_VIEWS} views.`)

export type LiveViews = z.input<typeof viewsSchema>
export type TopicsView = z.input<typeof topicsView>
export type MessagesView = z.input<typeof messagesView>
export type TopicsWanted = z.output<typeof topicsView>
export type MessagesWanted = z.output<typeof messagesView>

/** A payload as far as it is sent: as text where it is UTF-8. */
export type SentPayload =
  | { readonly text: string; readonly base64?: undefined }
  | { readonly base64: string; readonly text?: undefined }

export interface TopicRow {
  readonly topic: string
  readonly name: string
  readonly level: number
  readonly position: number
  readonly size: number
  /** Levels below this one; 0: none. */
  readonly children: number
  readonly isOpen: boolean
}

export interface TopicFacts {
  /** Whether something was published on exactly this topic. */
  readonly isTopic: boolean
  /** Topics and messages from here downwards. */
  readonly topics: number
  readonly messages: number
  /** Messages a second from here downwards at `ratedAt`; the rate decays by e in `RATE_MS`. */
  readonly rate: number
  readonly ratedAt: number
  /** Unix ms; 0: not known. */
  readonly lastAt: number
  readonly isRetained: boolean
  /** The beginning of the last payload; `null`: not known yet. */
  readonly value: SentPayload | null
  /** Length of the whole payload. */
  readonly bytes: number
}

export interface TopicsFrame {
  readonly kind: 'topics'
  /** Rows in all. */
  readonly total: number
  /** Topics that are known in all. */
  readonly topics: number
  /** Messages a second on all topics. */
  readonly rate: number
  /** The history is still being read: more topics will come. */
  readonly isRestoring: boolean
  /** The search goes on: more will be found. */
  readonly isSearching: boolean
  /** How many topics the search has found; more than `total` when not all are listed. */
  readonly found: number
  /** Messages on topics that had no room in the index. */
  readonly beyond: number
  /** The window, whenever a row in it has moved. */
  readonly from?: number
  readonly rows?: readonly TopicRow[]
  /** What changed in the rows of the window, by topic. */
  readonly facts: Readonly<Record<string, TopicFacts>>
}

export interface LiveMessage {
  readonly topic: string
  /** Unix ms. */
  readonly at: number
  /** 0: not recorded. */
  readonly event: number
  readonly qos: number
  readonly retain: boolean
  readonly origin: string
  readonly client: string | null
  readonly payload: SentPayload
  /** Length of the whole payload. */
  readonly bytes: number
}

export interface MessagesFrame {
  readonly kind: 'messages'
  /** Messages of this frame that the view asks for, those among them that were sent, … */
  readonly seen: number
  readonly messages: readonly LiveMessage[]
  /** … and those that were not searched for the text, because too many came. */
  readonly unsearched: number
}

export interface Frame {
  /** Unix ms, by the hub's clock. */
  readonly at: number
  readonly views: Readonly<Record<string, TopicsFrame | MessagesFrame>>
}
