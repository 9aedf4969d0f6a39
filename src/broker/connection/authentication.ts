// An enhanced authentication, which goes on for as long as the connection does.

import type { Exchange, Pass } from '../../model/access.ts'
import type { MqttError } from '../../mqtt/mqtt-error.ts'

export interface Authentication {
  /** The method that CONNECT named. */
  readonly method: string
  /** The exchange of words that is under way; `null` between two of them. */
  exchange: Exchange | null
  /** Called when the exchange has succeeded; `word` is the last one for the client. */
  readonly succeed: (pass: Pass, word: Buffer) => void
  /** Called when it has not. */
  readonly fail: (error: MqttError) => void
}
