import { describe, expect, test } from 'vitest'

import { connectVersion, encodeConnect, type ConnectPacket } from '../../src/mqtt/connect.ts'
import { ReasonCode } from '../../src/mqtt/reason-codes.ts'
import { fromWire, holdToTables } from './byte-tables.ts'

const plain: ConnectPacket = {
  type: 'connect',
  version: 4,
  bridge: false,
  clean: true,
  keepAlive: 60,
  clientId: 'cam',
}

describe('CONNECT', () => {
  holdToTables({
    exact: [
      ['a plain CONNECT', 4, "10 0f 0004 'MQTT' 04 02 003c 0003 'cam'", plain],
      ['a plain CONNECT', 5, "10 10 0004 'MQTT' 05 02 003c 00 0003 'cam'", { ...plain, version: 5 }],
      ['a plain CONNECT', 3, "10 11 0006 'MQIsdp' 03 02 003c 0003 'cam'", { ...plain, version: 3 }],
      [
        'the bridge bit that Mosquitto sets',
        4,
        "10 0f 0004 'MQTT' 84 02 003c 0003 'cam'",
        { ...plain, bridge: true },
      ],
      [
        'the bridge bit beside MQIsdp',
        3,
        "10 11 0006 'MQIsdp' 83 02 003c 0003 'cam'",
        { ...plain, version: 3, bridge: true },
      ],
      [
        '[v3 MQTT-3.1.3-6] an empty client identifier with a clean session',
        4,
        "10 0c 0004 'MQTT' 04 02 0000 0000",
        { ...plain, keepAlive: 0, clientId: '' },
      ],
      [
        '[MQTT-3.1.3-6] an empty client identifier without Clean Start',
        5,
        "10 0d 0004 'MQTT' 05 00 0000 00 0000",
        { ...plain, version: 5, clean: false, keepAlive: 0, clientId: '' },
      ],
      [
        '[MQTT-3.1.3-1] will, user name and password in their order',
        4,
        "10 21 0004 'MQTT' 04 ee 003c 0003 'cam' 0003 'a/b' 0004 'gone' 0001 'u' 0002 ff00",
        {
          ...plain,
          will: { topic: 'a/b', payload: Buffer.from('gone'), qos: 1, retain: true },
          username: 'u',
          password: Buffer.from([0xff, 0x00]),
        },
      ],
      [
        'an empty will payload',
        4,
        "10 14 0004 'MQTT' 04 16 003c 0003 'cam' 0001 'a' 0000",
        { ...plain, will: { topic: 'a', payload: Buffer.alloc(0), qos: 2, retain: false } },
      ],
      [
        'a password without a user name, which 5.0 allows',
        5,
        "10 13 0004 'MQTT' 05 42 003c 00 0003 'cam' 0001 'p'",
        { ...plain, version: 5, password: Buffer.from('p') },
      ],
      [
        'all properties of CONNECT and of a will',
        5,
        "10 6a 0004 'MQTT' 05 06 003c " +
          "2a 11 0000003c 21 0014 27 00010000 22 000a 19 01 17 00 26 0001 'a' 0001 '1' 26 0001 'a' 0000 15 0001 'm' 16 0002 0001 " +
          "0003 'cam' " +
          "29 18 00000005 01 01 02 ffffffff 03 0001 't' 08 0003 'r/s' 09 0002 fffe 26 0001 'b' 0001 '2' 26 0001 'a' 0001 '3' " +
          "0001 'w' 0001 'x'",
        {
          ...plain,
          version: 5,
          properties: {
            sessionExpiryInterval: 60,
            receiveMaximum: 20,
            maximumPacketSize: 65_536,
            topicAliasMaximum: 10,
            requestResponseInformation: true,
            requestProblemInformation: false,
            userProperties: [
              ['a', '1'],
              ['a', ''],
            ],
            authenticationMethod: 'm',
            authenticationData: Buffer.from([0, 1]),
          },
          will: {
            topic: 'w',
            payload: Buffer.from('x'),
            qos: 0,
            retain: false,
            properties: {
              willDelayInterval: 5,
              payloadFormatIndicator: 1,
              messageExpiryInterval: 0xffff_ffff,
              contentType: 't',
              responseTopic: 'r/s',
              correlationData: Buffer.from([0xff, 0xfe]),
              userProperties: [
                ['b', '2'],
                ['a', '3'],
              ],
            },
          },
        },
      ],
    ],
    accepted: [
      [
        'a user name that MQTT 3.1 announces and does not send',
        3,
        "10 11 0006 'MQIsdp' 03 c2 003c 0003 'cam'",
        { ...plain, version: 3 },
      ],
      [
        'the reserved flag, which MQTT 3.1 does not look at',
        3,
        "10 11 0006 'MQIsdp' 03 03 003c 0003 'cam'",
        { ...plain, version: 3 },
      ],
    ],
    refused: [
      [
        '[MQTT-3.1.2-1] another protocol name',
        4,
        "10 0f 0004 'MQTX' 04 02 003c 0003 'cam'",
        ReasonCode.UnsupportedProtocolVersion,
      ],
      [
        '[MQTT-3.1.2-2] a level of the future',
        4,
        "10 0f 0004 'MQTT' 06 02 003c 0003 'cam'",
        ReasonCode.UnsupportedProtocolVersion,
      ],
      [
        'the level of 3.1 under the name of 3.1.1',
        4,
        "10 0f 0004 'MQTT' 03 02 003c 0003 'cam'",
        ReasonCode.UnsupportedProtocolVersion,
      ],
      [
        'the name of 3.1 at level 4',
        4,
        "10 11 0006 'MQIsdp' 04 02 003c 0003 'cam'",
        ReasonCode.UnsupportedProtocolVersion,
      ],
      [
        '[MQTT-3.1.2-3] the reserved flag',
        5,
        "10 10 0004 'MQTT' 05 03 003c 00 0003 'cam'",
        ReasonCode.MalformedPacket,
      ],
      [
        '[v3 MQTT-3.1.2-3] the reserved flag',
        4,
        "10 0f 0004 'MQTT' 04 03 003c 0003 'cam'",
        ReasonCode.MalformedPacket,
      ],
      [
        '[MQTT-3.1.2-11] a will QoS without a will',
        5,
        "10 10 0004 'MQTT' 05 0a 003c 00 0003 'cam'",
        ReasonCode.MalformedPacket,
      ],
      [
        '[v3 MQTT-3.1.2-13] a will QoS without a will',
        4,
        "10 0f 0004 'MQTT' 04 0a 003c 0003 'cam'",
        ReasonCode.MalformedPacket,
      ],
      [
        '[MQTT-3.1.2-12] [v3 MQTT-3.1.2-14] a will QoS of 3',
        4,
        "10 14 0004 'MQTT' 04 1e 003c 0003 'cam' 0001 'a' 0000",
        ReasonCode.MalformedPacket,
      ],
      [
        '[MQTT-3.1.2-13] [v3 MQTT-3.1.2-15] a will retain flag without a will',
        4,
        "10 0f 0004 'MQTT' 04 22 003c 0003 'cam'",
        ReasonCode.MalformedPacket,
      ],
      [
        '[v3 MQTT-3.1.2-22] a password without a user name',
        4,
        "10 12 0004 'MQTT' 04 42 003c 0003 'cam' 0001 'p'",
        ReasonCode.MalformedPacket,
      ],
      [
        '[v3 MQTT-3.1.3-8] an empty client identifier for a session that is kept',
        4,
        "10 0c 0004 'MQTT' 04 00 003c 0000",
        ReasonCode.ClientIdentifierNotValid,
      ],
      [
        'an empty client identifier in MQTT 3.1',
        3,
        "10 0e 0006 'MQIsdp' 03 02 003c 0000",
        ReasonCode.ClientIdentifierNotValid,
      ],
      [
        '[MQTT-3.1.3-4] a client identifier that is not UTF-8',
        4,
        "10 0e 0004 'MQTT' 04 02 003c 0002 c328",
        ReasonCode.MalformedPacket,
      ],
      [
        '[MQTT-3.1.3-11] a will topic that is not UTF-8',
        4,
        "10 14 0004 'MQTT' 04 06 003c 0003 'cam' 0001 ff 0000",
        ReasonCode.MalformedPacket,
      ],
      [
        '[MQTT-4.7.0-1] a will topic with a wildcard',
        4,
        "10 14 0004 'MQTT' 04 06 003c 0003 'cam' 0001 '#' 0000",
        ReasonCode.TopicNameInvalid,
      ],
      [
        'an announced user name that does not come',
        4,
        "10 0f 0004 'MQTT' 04 82 003c 0003 'cam'",
        ReasonCode.MalformedPacket,
      ],
      [
        'bytes behind the last field',
        4,
        "10 10 0004 'MQTT' 04 02 003c 0003 'cam' 00",
        ReasonCode.MalformedPacket,
      ],
      ['a body that ends inside the keep alive', 4, "10 09 0004 'MQTT' 04 02 00", ReasonCode.MalformedPacket],
      ['an empty body', 4, '10 00', ReasonCode.MalformedPacket],
      [
        'a property of another packet',
        5,
        "10 13 0004 'MQTT' 05 02 003c 03 230001 0003 'cam'",
        ReasonCode.MalformedPacket,
      ],
      [
        'a will property outside of the will',
        5,
        "10 15 0004 'MQTT' 05 02 003c 05 1800000001 0003 'cam'",
        ReasonCode.MalformedPacket,
      ],
      [
        'a receive maximum of 0',
        5,
        "10 13 0004 'MQTT' 05 02 003c 03 210000 0003 'cam'",
        ReasonCode.ProtocolError,
      ],
      [
        'a maximum packet size of 0',
        5,
        "10 15 0004 'MQTT' 05 02 003c 05 2700000000 0003 'cam'",
        ReasonCode.ProtocolError,
      ],
      [
        'a property given twice',
        5,
        "10 16 0004 'MQTT' 05 02 003c 06 210001 210001 0003 'cam'",
        ReasonCode.ProtocolError,
      ],
      [
        'a flag property that is neither 0 nor 1',
        5,
        "10 12 0004 'MQTT' 05 02 003c 02 1702 0003 'cam'",
        ReasonCode.ProtocolError,
      ],
      [
        'authentication data without a method',
        5,
        "10 14 0004 'MQTT' 05 02 003c 04 160001ff 0003 'cam'",
        ReasonCode.ProtocolError,
      ],
      [
        'properties that end inside one of them',
        5,
        "10 12 0004 'MQTT' 05 02 003c 02 2100 0003 'cam'",
        ReasonCode.MalformedPacket,
      ],
      [
        '[MQTT-1.5.5-1] a property length in more bytes than it needs',
        5,
        "10 11 0004 'MQTT' 05 02 003c 8000 0003 'cam'",
        ReasonCode.MalformedPacket,
      ],
    ],
  })

  test('tells the version of a packet that has another fault, so that the answer can be understood', () => {
    const version = (wire: string): number | undefined => {
      const body = fromWire(wire)
      return connectVersion(body, 0, body.length)
    }
    expect(version("0004 'MQTT' 05 ff")).toBe(5)
    expect(version("0006 'MQIsdp' 83")).toBe(3)
    expect(version("0004 'MQTT' 07 02 003c 00 0003 'cam'")).toBeUndefined()
    expect(version('00')).toBeUndefined()
  })

  test('refuses to write a text that the format cannot hold', () => {
    expect(() => encodeConnect({ ...plain, clientId: 'x'.repeat(65_536) })).toThrow(RangeError)
  })
})
