// Who published a message, in words.

/** What published it where no client did; see `Origin` in `model/event.ts`. */
const ORIGIN_WORDS: Readonly<Record<string, string>> = { hub: 'the hub', http: 'HTTP', bridge: 'a bridge' }

interface Published {
  readonly client: string | null
  readonly origin: string
}

export const senderOf = ({ client, origin }: Published): string => client ?? ORIGIN_WORDS[origin] ?? origin
