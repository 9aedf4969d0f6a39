// The questions about the journal that a hub answers over HTTP as it answers them to its own threads, so that a
// command can ask a hub elsewhere what it asks the data folder here.

import type { Remote } from '../base/calls.ts'
import type { Queries } from './queries.ts'

export const QUESTIONS = [
  'historyPage',
  'topics',
  'event',
  'retained',
  'runs',
  'run',
  'story',
  'alerts',
  'alert',
  'silences',
] as const satisfies readonly (keyof Queries)[]
export type Question = (typeof QUESTIONS)[number]

export type Questions = Remote<Pick<Queries, Question>>

/** The most rows that one answer has. */
export const MOST_ROWS = 1_000
