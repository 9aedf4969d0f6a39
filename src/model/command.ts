// Commands: what clients may ask the hub to do with processes, over MQTT and over HTTP.

export const COMMAND_VERBS = ['kill', 'list', 'renice', 'restart'] as const
export type CommandVerb = (typeof COMMAND_VERBS)[number]

/** The last level of the topic of answers: `<root>/commands/<name>/result`. */
export const RESULT = 'result'

/** The payload of a command; empty for none of it. */
export interface CommandOrder {
  /** Does nothing, and lists what would be done. */
  readonly dryRun?: boolean
  /** For `renice`; by default 10. */
  readonly nice?: number
  /** Who gives it, as `vigie kill` says: the user of the operating system. Nobody has checked that. */
  readonly by?: string
}

/** The answer to a command. */
export interface CommandAnswer {
  readonly ok: boolean
  readonly command: string
  readonly verb: string
  readonly dryRun: boolean
  /** Who gave it: the client id and the user of the client; `null` for none. */
  readonly client: string | null
  readonly user: string | null
  /** The reason why it was refused or has failed. */
  readonly error?: string
  /** What came of it: the result of the action. */
  readonly [result: string]: unknown
}
