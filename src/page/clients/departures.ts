// How clients left, in words, and which of these departures are losses: nobody meant them.

import type { ClientStatus } from '../../model/client.ts'

const WORDS: Readonly<Record<string, string>> = {
  clean: 'it said goodbye',
  will: 'it said goodbye and asked for its will',
  socket: 'the connection broke',
  keepalive: 'it fell silent',
  takeover: 'another connection took its id',
  kicked: 'the hub disconnected it',
  stopped: 'the hub stopped',
}
const LOSSES: ReadonlySet<string> = new Set(['socket', 'keepalive'])

export const departureWords = (reason: string | null): string =>
  reason === null ? '' : (WORDS[reason] ?? reason)

export const isLost = ({ state, reason }: Pick<ClientStatus, 'state' | 'reason'>): boolean =>
  state === 'lost' || (state === 'offline' && reason !== null && LOSSES.has(reason))
