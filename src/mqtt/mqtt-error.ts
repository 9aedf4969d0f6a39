import type { ReasonCode } from './reason-codes.ts'

/**
 * A fault of the peer: what it sent breaks the protocol or a limit. The reason is what CONNACK or DISCONNECT
 * tells it, the message is the sentence for the operator. Any other error that comes out of this folder is a
 * bug of ours.
 */
export class MqttError extends Error {
  override readonly name = 'MqttError'
  readonly reason: ReasonCode

  constructor(reason: ReasonCode, message: string) {
    super(message)
    this.reason = reason
  }
}
