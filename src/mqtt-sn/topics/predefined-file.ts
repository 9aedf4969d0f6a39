// A file of predefined topics as Paho's gateway reads it (`predefinedTopic.conf`): on each line a client id, a
// topic and its id, with commas between them; `*` for all clients. `#` begins a comment line.

import { topicNameProblem } from '../../topics/names.ts'
import type { PredefinedTopic } from './predefined.ts'

/** Ids that the specification reserves are above this one, and 0. */
export const LAST_ID = 0xfffe

export interface PredefinedFile {
  readonly topics: readonly PredefinedTopic[]
  /** What is wrong with a line, as `line 3: …`. */
  readonly problems: readonly string[]
}

export function parsePredefined(text: string): PredefinedFile {
  const topics: PredefinedTopic[] = []
  const problems: string[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue
    const parts = line.split(',').map((part) => part.trim())
    const [client = '', topic = ''] = parts
    const id = Number(parts[2])
    const problem = parts.length === 3 ? problemOf({ client, topic, id }, topics) : EXPECTED
    if (problem === undefined) topics.push({ client, topic, id })
    else problems.push(`line ${index + 1}: ${problem}`)
  }
  return { topics, problems }
}

/** What is wrong with one topic, beside those before it. */
export function problemOf(
  { client, topic, id }: PredefinedTopic,
  others: readonly PredefinedTopic[],
): string | undefined {
  if (client === '') return EXPECTED
  if (!Number.isInteger(id) || id < 1 || id > LAST_ID) return `the topic id must be from 1 to ${LAST_ID}`
  const other = others.find((one) => one.client === client && one.id === id && one.topic !== topic)
  if (other !== undefined) return `the topic id ${id} stands for ${JSON.stringify(other.topic)} already`
  return topicNameProblem(topic)
}

const EXPECTED = 'it must be CLIENT, TOPIC, ID'
