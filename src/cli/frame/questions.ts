// The one port through which commands look into a journal: that of the data folder here, whether a hub runs on
// it or not, or that of a hub elsewhere. A command does not know which.

import type { Queries } from '../../model/queries.ts'
import { QUESTIONS } from '../../model/questions.ts'
import type { Question, Questions } from '../../model/questions.ts'
import { fromTaggedJson, toTaggedJson } from '../../model/tagged-json.ts'
import { requestOf } from './ask-hub.ts'
import type { CommandInput } from './command.ts'
import { type HubAddress, remoteHub } from './hub-address.ts'
import { withStore } from './store.ts'

/** Asks the journal that the command's options point to. */
export async function withQuestions<T>(
  input: CommandInput,
  ask: (questions: Questions) => Promise<T>,
): Promise<T> {
  const hub = remoteHub(input)
  return hub === undefined ? withStore(input, (queries) => ask(here(queries))) : ask(elsewhere(hub))
}

const here = (queries: Queries): Questions =>
  made((question, query) => (queries[question] as (query: unknown) => unknown)(query))

const LIMIT_MS = 30_000

const elsewhere = (hub: HubAddress): Questions =>
  made(async (question, query) => {
    const answer = await requestOf(hub, `/api/questions/${question}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: toTaggedJson({ query: query ?? null }),
      limitMs: LIMIT_MS,
    })
    return fromTaggedJson(answer) ?? undefined
  })

const made = (answer: (question: Question, query: unknown) => unknown): Questions =>
  Object.fromEntries(
    QUESTIONS.map((question) => [question, async (query: unknown) => answer(question, query)]),
  ) as unknown as Questions
