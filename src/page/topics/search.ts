// What a search says: a word with `+` or `#` as a level is a topic filter, anything else is text that the topic
// contains; with `payloads`, text that the last payload contains.

import type { TopicsView } from '../../http/live/views.ts'
import { topicFilterProblem } from '../../topics/names.ts'

export type Wanted = NonNullable<TopicsView['search']>

export interface Asked {
  /** `null`: nothing is searched, the tree is shown. */
  readonly search: Wanted | null
  /** What is wrong with the filter, as a sentence. */
  readonly problem: string | null
}

export function searchFor(text: string, payloads: boolean): Asked {
  const words = text.trim().split(/\s+/).filter(Boolean)
  const filter = words.find((word) => /(?:^|\/)[+#](?:\/|$)/.test(word))
  const rest = words.filter((word) => word !== filter).join(' ')
  const problem = filter === undefined ? undefined : topicFilterProblem(filter)
  if (problem !== undefined) return { search: null, problem }
  if (filter === undefined && rest === '') return { search: null, problem: null }
  return {
    search: {
      ...(filter !== undefined && { filter }),
      ...(rest !== '' && (payloads ? { payload: rest } : { text: rest })),
    },
    problem: null,
  }
}
