// Whether a client may come in: asks the door, at CONNECT and when the client authenticates anew, and lets
// the client say nothing else meanwhile.

import type { Admission, Caller, ExchangeStep, Pass, Refusal } from '../../model/access.ts'
import { encodeAuth } from '../../mqtt/auth.ts'
import { EMPTY } from '../../mqtt/bytes.ts'
import type { ConnectPacket } from '../../mqtt/connect.ts'
import { MqttError } from '../../mqtt/mqtt-error.ts'
import { ReasonCode } from '../../mqtt/reason-codes.ts'
import type { Authentication } from './authentication.ts'
import type { Connection } from './connection.ts'
import { OPEN_PASS } from '../session/rights.ts'

/** What follows: `refuse` is called at most once, and never after `welcome`. */
export interface Outcomes {
  readonly welcome: (pass: Pass, word?: Buffer) => void
  readonly refuse: (error: MqttError) => void
}

export function admit(
  connection: Connection,
  packet: ConnectPacket,
  clientId: string,
  { welcome, refuse }: Outcomes,
): void {
  const { door } = connection
  const { username, password, properties } = packet
  const method = properties?.authenticationMethod
  const caller = callerOf(connection, clientId)
  if (method !== undefined) {
    const exchange = door?.begin(method, caller)
    // [MQTT-4.12.0-1]
    if (exchange === undefined) throw badMethod(method)
    connection.authentication = { method, exchange, succeed: welcome, fail: refuse }
    return advance(connection, connection.authentication, properties?.authenticationData)
  }
  if (door === null) return welcome(OPEN_PASS)
  const decide = (admission: Admission): void => {
    if (admission.kind === 'admitted') welcome(admission.pass)
    else refuse(refusalError(connection, admission.refusal, admission.sentence))
  }
  const admission = door.admit(caller, { username, password })
  if (admission instanceof Promise) connection.reader.hold(admission, decide)
  else decide(admission)
}

/** Lets the client prove itself once more, while its packets go on. // [MQTT-4.12.1-1] */
export function authenticateAgain(connection: Connection, word: Uint8Array | undefined): void {
  const { authentication, session, door } = connection
  if (authentication === null || session === null) return
  const exchange = door?.begin(authentication.method, callerOf(connection, session.clientId))
  if (exchange === undefined) throw badMethod(authentication.method)
  const again: Authentication = {
    method: authentication.method,
    exchange,
    succeed(pass, last) {
      if (pass.user !== session.pass.user) {
        throw new MqttError(ReasonCode.NotAuthorized, `AUTH: it was user "${session.pass.user}" before.`)
      }
      session.renew(pass)
      connection.hub.routes.refresh()
      sendAuth(connection, ReasonCode.Success, again.method, last)
    },
    fail(error) {
      // [MQTT-4.12.1-2]: DISCONNECT has no word for a wrong password.
      throw new MqttError(ReasonCode.NotAuthorized, error.message)
    },
  }
  connection.authentication = again
  advance(connection, again, word)
}

/** Passes on one word of the client, and does what it leads to. */
export function advance(
  connection: Connection,
  authentication: Authentication,
  word: Uint8Array | undefined,
): void {
  const { exchange, method, succeed, fail } = authentication
  if (exchange === null) return
  connection.reader.hold(exchange.next(word ?? EMPTY), (step: ExchangeStep) => {
    if (step.kind !== 'continue') authentication.exchange = null
    if (step.kind === 'admitted') succeed(step.pass, Buffer.from(step.word))
    else if (step.kind === 'refused') fail(refusalError(connection, step.refusal, step.sentence))
    // [MQTT-4.12.0-2]
    else sendAuth(connection, ReasonCode.ContinueAuthentication, method, Buffer.from(step.word))
  })
}

// [MQTT-4.12.0-5] [MQTT-3.15.2-2] [MQTT-3.15.2-3]
function sendAuth(connection: Connection, reasonCode: ReasonCode, method: string, word: Buffer): void {
  const properties = { authenticationMethod: method, authenticationData: word }
  connection.send(encodeAuth({ type: 'auth', reasonCode, properties }))
}

const callerOf = (connection: Connection, clientId: string): Caller => ({
  clientId,
  address: connection.address,
  certificateName: connection.certificateName,
  isWaiting: () => !connection.closed,
})

const REASONS: Readonly<Record<Refusal, ReasonCode>> = {
  credentials: ReasonCode.BadUserNameOrPassword,
  stranger: ReasonCode.NotAuthorized,
  'too-often': ReasonCode.ConnectionRateExceeded,
  busy: ReasonCode.ServerBusy,
}

function refusalError({ hub }: Connection, refusal: Refusal, sentence: string): MqttError {
  if (refusal === 'credentials' || refusal === 'too-often') hub.counters.failedLogins++
  return new MqttError(REASONS[refusal], sentence)
}

const badMethod = (method: string): MqttError =>
  new MqttError(
    ReasonCode.BadAuthenticationMethod,
    `The authentication method ${JSON.stringify(method)} is not offered here; ` +
      'SCRAM-SHA-256 is, where users log in.',
  )
