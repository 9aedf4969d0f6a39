// Who has given a command, in words.

import type { Event } from './event.ts'

/**
 * What a command says of its speaker, and what is known of it: `anna (client "phone", user "anna")`.
 * @param by what the command says; nobody has checked that
 * @param user of the client that published it; `null` for none
 */
export function speakerOf(
  { origin, client }: Pick<Event, 'origin' | 'client'>,
  by: string | undefined,
  user: string | null,
): string {
  // Only this machine, or whoever has a link that the hub has signed, says something over HTTP.
  if (origin === 'http') return by ?? 'a request over HTTP'
  if (client === null) return by === undefined ? 'the hub' : `${by} (the hub)`
  const proven = [`client "${client}"`, ...(user === null ? [] : [`user "${user}"`])].join(', ')
  return by === undefined ? proven : `${by} (${proven})`
}
