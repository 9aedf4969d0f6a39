import { describe, expect, test } from 'vitest'

import { connackReturnCode, encodeConnack } from '../../src/mqtt/connack.ts'
import { ReasonCode } from '../../src/mqtt/reason-codes.ts'
import { holdToTables } from './byte-tables.ts'

const welcome = { type: 'connack', sessionPresent: false, reasonCode: ReasonCode.Success } as const

describe('CONNACK', () => {
  holdToTables({
    exact: [
      ['a welcome', 3, '20 02 00 00', welcome],
      ['a welcome', 4, '20 02 00 00', welcome],
      ['a welcome back', 4, '20 02 01 00', { ...welcome, sessionPresent: true }],
      ['a welcome back', 5, '20 03 01 00 00', { ...welcome, sessionPresent: true }],
      ['a bad password', 4, '20 02 00 04', { ...welcome, reasonCode: ReasonCode.BadUserNameOrPassword }],
      ['a bad password', 5, '20 03 00 86 00', { ...welcome, reasonCode: ReasonCode.BadUserNameOrPassword }],
      [
        'all properties',
        5,
        "20 41 00 00 3e 11 00000001 21 0002 24 01 25 00 27 00000400 12 0003 'cam' 22 0003 1f 0001 'r' 26 0001 'a' 0001 '1' " +
          "28 00 29 01 2a 00 13 0005 1a 0001 'i' 1c 0001 's' 15 0001 'm' 16 0001 ff",
        {
          ...welcome,
          properties: {
            sessionExpiryInterval: 1,
            receiveMaximum: 2,
            maximumQos: 1,
            retainAvailable: false,
            maximumPacketSize: 1024,
            assignedClientIdentifier: 'cam',
            topicAliasMaximum: 3,
            reasonString: 'r',
            userProperties: [['a', '1']],
            wildcardSubscriptionAvailable: false,
            subscriptionIdentifiersAvailable: true,
            sharedSubscriptionAvailable: false,
            serverKeepAlive: 5,
            responseInformation: 'i',
            serverReference: 's',
            authenticationMethod: 'm',
            authenticationData: Buffer.from([0xff]),
          },
        },
      ],
    ],
    accepted: [['anything in the byte that MQTT 3.1 reserves', 3, '20 02 ff 00', welcome]],
    refused: [
      ['[MQTT-3.2.2-1] a reserved acknowledge flag', 5, '20 03 02 00 00', ReasonCode.MalformedPacket],
      ['a return code that does not exist', 4, '20 02 00 06', ReasonCode.ProtocolError],
      ['[MQTT-3.2.2-8] a reason of another packet', 5, '20 03 00 92 00', ReasonCode.ProtocolError],
      ['a maximum QoS of 2', 5, '20 05 00 00 02 2402', ReasonCode.ProtocolError],
      ['a body that is too short', 4, '20 01 00', ReasonCode.MalformedPacket],
      ['a body that is too long', 4, '20 03 00 00 00', ReasonCode.MalformedPacket],
    ],
  })

  test.each([
    [ReasonCode.Success, 0],
    [ReasonCode.UnsupportedProtocolVersion, 1],
    [ReasonCode.ClientIdentifierNotValid, 2],
    [ReasonCode.ServerBusy, 3],
    [ReasonCode.ConnectionRateExceeded, 3],
    [ReasonCode.BadUserNameOrPassword, 4],
    [ReasonCode.NotAuthorized, 5],
    [ReasonCode.Banned, 5],
    [ReasonCode.MalformedPacket, undefined],
  ])('the reason %i is the return code %s before 5.0', (reason, code) => {
    expect(connackReturnCode(reason)).toBe(code)
  })

  test('[v3 MQTT-3.2.2-6] a reason without a return code cannot be written before 5.0', () => {
    expect(() => encodeConnack({ ...welcome, reasonCode: ReasonCode.MalformedPacket }, 4)).toThrow(RangeError)
  })

  test('MQTT 3.1 is not told about a session, since its byte is reserved', () => {
    expect(encodeConnack({ ...welcome, sessionPresent: true }, 3).toString('hex')).toBe('20020000')
  })
})
