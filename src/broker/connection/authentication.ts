// An enhanced authentication, which goes on for as long as the connection does.

import type { Exchange, Pass } from '../../model/access.ts'
import type { MqttError } from '../../mqtt/mqtt-error.ts'

export interface Authentication {
  /** The method that CONNECT named. */
  readonly method: string
  /** The exchange that is under way; `null` between two exchanges. */
  exchange: Exchange | null
  /** Called when the exchange has succeeded; `word` is the last message for the client. */
  readonly succeed: (pass: Pass, word: Buffer) => void
  /** Called when the exchange has failed. */
  readonly fail: (error: MqttError) => void
}
