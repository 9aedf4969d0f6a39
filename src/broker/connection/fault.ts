// What a client is told when it has made a fault: the reason code, and how much of the sentence.

import { MqttError } from '../../mqtt/mqtt-error.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import type { TopicError } from '../../topics/names.ts'

/**
 * The reason code of a fault. A TopicError that is not about bytes is about a filter: names throw an
 * MqttError.
 */
export const reasonOf = (error: MqttError | TopicError): ReasonCode => {
  if (error instanceof MqttError) return error.reason
  return error.reason === 'malformed' ? ReasonCode.MalformedPacket : ReasonCode.TopicFilterInvalid
}

/** The part of a fault that the client may read. */
export const whyOf = (error: MqttError | TopicError): string | undefined =>
  QUIET.has(reasonOf(error)) ? undefined : error.message

/** The sentences of these faults are for the operator: they could tell a stranger too much. */
const QUIET: ReadonlySet<ReasonCode> = new Set([
  ReasonCode.BadUserNameOrPassword,
  ReasonCode.NotAuthorized,
  ReasonCode.ClientIdentifierNotValid,
  ReasonCode.ConnectionRateExceeded,
  ReasonCode.ServerBusy,
])
