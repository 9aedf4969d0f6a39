// What a client is told of a fault of its own: the reason code, and how much of the sentence.

import { MqttError } from '../../mqtt/mqtt-error.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import type { TopicError } from '../../topics/names.ts'

/** Topic names are refused with an MqttError: a TopicError that is not about bytes is about a filter. */
export const reasonOf = (error: MqttError | TopicError): ReasonCode => {
  if (error instanceof MqttError) return error.reason
  return error.reason === 'malformed' ? ReasonCode.MalformedPacket : ReasonCode.TopicFilterInvalid
}

/** What a client may read of a fault. */
export const whyOf = (error: MqttError | TopicError): string | undefined =>
  QUIET.has(reasonOf(error)) ? undefined : error.message

/** What these say is for the operator: it could tell a stranger too much. */
const QUIET: ReadonlySet<ReasonCode> = new Set([
  ReasonCode.BadUserNameOrPassword,
  ReasonCode.NotAuthorized,
  ReasonCode.ClientIdentifierNotValid,
  ReasonCode.ConnectionRateExceeded,
  ReasonCode.ServerBusy,
])
