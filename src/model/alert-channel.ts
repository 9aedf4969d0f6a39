// The channels that tell people about alerts. (The alert itself is a retained message.)

import type { RetrySpec } from './action.ts'
import type { RequestSpec } from './request.ts'

export interface AlertChannel {
  readonly kind: 'webhook'
  /** The channel's name, as messages and stored steps show it: `the alert channel "phone" …`. */
  readonly name: string
  /** The report of the alert becomes its body. */
  readonly request: RequestSpec
  /** Nobody may hear of an alert before the line is up again: this lasts for hours. */
  readonly retry: RetrySpec
}
