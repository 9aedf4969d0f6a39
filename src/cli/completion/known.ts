// The words that only a hub, its data folder or its configuration knows. Who presses a key waits for them: what cannot
// be found at once is not offered.

import { readUsers } from '../../access/change-users.ts'
import { readTokens, tokensFileOf } from '../../access/tokens-file.ts'
import { ALERT_STATES } from '../../model/alert.ts'
import type { ClientStatus } from '../../model/client.ts'
import type { HubStatus } from '../../model/hub-status.ts'
import type { WordKind } from '../frame/command.ts'
import type { CommandInput } from '../frame/command.ts'
import { askHub } from '../frame/ask-hub.ts'
import { loadSettings } from '../frame/settings.ts'
import { withStore } from '../frame/store.ts'
import type { Candidate, KnownWords } from './words.ts'

/** More than a screen shows. */
const MOST = 200

/** Words as a hub in this folder, or the one that the options name, knows them. */
export const knownWords =
  (input: CommandInput): KnownWords =>
  async (kind, options, begun) => {
    try {
      return await wordsOf(kind, { ...input, options }, begun)
    } catch {
      // There is no data folder, no hub, or the configuration is broken: the command itself says so.
      return []
    }
  }

async function wordsOf(kind: WordKind, input: CommandInput, begun: string): Promise<readonly Candidate[]> {
  switch (kind) {
    case 'file':
    case 'folder':
      return []
    case 'topic': {
      const query = { ...(begun !== '' && { text: begun }), limit: MOST }
      const { topics } = await withStore(input, (queries) => queries.topics(query))
      return topics.map(({ topic }) => ({ word: topic }))
    }
    case 'rule': {
      const runs = await withStore(input, (queries) => queries.runs({ limit: MOST }))
      const inForce = await rulesInForce(input)
      return named([...inForce, ...runs.map(({ rule }) => rule)])
    }
    case 'run': {
      const runs = await withStore(input, (queries) => queries.runs({ limit: MOST }))
      return runs.map(({ id, rule, state }) => ({ word: `${id}`, summary: `${rule}, ${state}` }))
    }
    case 'alert': {
      const query = { states: ALERT_STATES, limit: MOST }
      const alerts = await withStore(input, (queries) => queries.alerts(query))
      return alerts.map(({ key, state, title }) => ({ word: key, summary: `${state}: ${title}` }))
    }
    case 'channel': {
      const { alerts } = await loadSettings(input.options, input.terminal.cwd)
      return Object.entries(alerts.channels).map(([word, { kind: summary }]) => ({ word, summary }))
    }
    case 'client': {
      const clients = (await askHub(input, 'GET', `/api/clients?limit=${MOST}`)) as readonly ClientStatus[]
      return clients.map(({ client, state }) => ({ word: client, summary: state }))
    }
    case 'user': {
      const { users } = await loadSettings(input.options, input.terminal.cwd)
      const file = typeof input.options['file'] === 'string' ? input.options['file'] : users
      return named(Object.keys(readUsers(file).users))
    }
    case 'token': {
      const { users } = await loadSettings(input.options, input.terminal.cwd)
      const file = typeof input.options['file'] === 'string' ? input.options['file'] : tokensFileOf(users)
      return named(Object.keys(readTokens(file).tokens))
    }
    case 'command': {
      const { engine } = (await askHub(input, 'GET', '/api/status')) as HubStatus
      return named([...(engine.now?.commands ?? []), ...(engine.now?.watches ?? []).map(({ name }) => name)])
    }
  }
  return kind satisfies never
}

async function rulesInForce(input: CommandInput): Promise<readonly string[]> {
  try {
    return ((await askHub(input, 'GET', '/api/status')) as HubStatus).engine.now?.rules ?? []
  } catch {
    return []
  }
}

const named = (words: readonly string[]): readonly Candidate[] =>
  [...new Set(words)].toSorted().map((word) => ({ word }))
