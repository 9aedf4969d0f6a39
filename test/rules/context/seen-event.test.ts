import { expect, it } from 'vitest'
import { encodePropertyBytes } from '../../../src/mqtt/properties.ts'
import { seenEvent } from '../../../src/rules/context/seen-event.ts'
import { inventedEvent } from '../../../src/rules/explain/rehearse.ts'

const event = inventedEvent('t', '1.50', 'live', 9)

it('is the record as it is, and the text of the payload as it came', () => {
  expect(seenEvent(event)).toMatchObject({
    id: 1,
    at: 9,
    topic: 't',
    text: '1.50',
    qos: 1,
    retain: false,
    origin: 'live',
    client: null,
    cause: null,
  })
})

it('has the properties of MQTT 5, user properties in the order of the sender', () => {
  const userProperties = [
    ['b', '1'],
    ['a', '2'],
    ['b', '3'],
  ] as const
  const properties = encodePropertyBytes({
    responseTopic: 'answers/1',
    correlationData: Buffer.from([7, 0]),
    contentType: 'text/plain',
    userProperties,
  })
  expect(seenEvent({ ...event, properties })).toMatchObject({
    responseTopic: 'answers/1',
    correlationData: Buffer.from([7, 0]),
    contentType: 'text/plain',
    userProperties,
  })
})

it('has none where the message came without, and takes more of them than one byte of length tells', () => {
  const { responseTopic, correlationData, contentType, userProperties } = seenEvent(event)
  expect([responseTopic, correlationData, contentType, userProperties]).toEqual([
    undefined,
    undefined,
    undefined,
    [],
  ])
  const long = encodePropertyBytes({ contentType: 'x'.repeat(300) })
  expect(seenEvent({ ...event, properties: long }).contentType).toHaveLength(300)
})
