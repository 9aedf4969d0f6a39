// Covers `src/model/publication-size.ts`.

import { expect, test } from 'vitest'
import { perform } from '../../src/actions/perform.ts'
import { ManualClock } from '../../src/base/clock.ts'
import type { PublishSpec } from '../../src/model/action.ts'
import { jsonPropertyBytes } from '../../src/model/json-properties.ts'
import { desk, doorEvent, manner } from './attempt.ts'

const lamp: PublishSpec = {
  kind: 'publish',
  topic: 'home/lamp',
  payload: { text: 'on' },
  qos: 1,
  retain: true,
  ...manner,
}

test('a message is done when it is committed, and names its cause', async () => {
  const { context, published } = desk()
  expect(await perform(lamp, context)).toEqual({ kind: 'done', result: { event: 101 } })
  expect(published).toEqual([
    {
      topic: 'home/lamp',
      payload: Buffer.from('on'),
      qos: 1,
      retain: true,
      origin: 'hub',
      cause: { event: 7, run: 3, depth: 1 },
    },
  ])
})

test('bytes and properties are published as they are', async () => {
  const { context, published } = desk()
  await perform({ ...lamp, payload: { base64: '/wA=' }, properties: { contentType: 'x' } }, context)
  expect(published[0]).toMatchObject({ payload: Buffer.of(0xff, 0), properties: { contentType: 'x' } })
})

test('a message is part of the trace of its event, unless the rule names another', async () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const userProperties = [['traceparent', `00-${trace}-00f067aa0ba902b7-01`]]
  const { context, published } = desk({
    event: { ...doorEvent, properties: jsonPropertyBytes({ userProperties }) },
  })
  await perform({ ...lamp, properties: { userProperties: [['room', 'hall']] } }, context)
  const span = expect.stringMatching(
    new RegExp(`^00-${trace}-(?!00f067aa0ba902b7)[\\da-f]{16}-01$`),
  ) as string
  expect(published[0]?.properties).toEqual({
    userProperties: [
      ['room', 'hall'],
      ['traceparent', span],
    ],
  })
  const other = { userProperties: [['traceparent', `00-${'a'.repeat(32)}-00f067aa0ba902b7-01`]] }
  await perform({ ...lamp, properties: other }, context)
  expect(published[1]?.properties).toEqual(other)
})

test('nobody is answered in the name of the hub itself', async () => {
  const { context, published } = desk()
  for (const topic of ['vigie/clients/nas', 'vigie', '$SYS/x']) {
    const outcome = await perform({ ...lamp, topic, isReply: true }, context)
    expect(outcome).toMatchObject({ kind: 'give-up', reason: expect.stringContaining(topic) })
  }
  expect(published).toEqual([])
  expect(await perform({ ...lamp, topic: 'vigie/x' }, context)).toMatchObject({ kind: 'done' })
  expect(await perform({ ...lamp, topic: 'back/to', isReply: true }, context)).toMatchObject({ kind: 'done' })
})

const caused = (depth: number) => desk({ event: { ...doorEvent, cause: { event: 6, run: 2, depth } } })

test('a chain of sixteen causes is published, and no longer one', async () => {
  const long = caused(15)
  expect(await perform(lamp, long.context)).toMatchObject({ kind: 'done' })
  expect(long.published[0]?.cause?.depth).toBe(16)
  const tooLong = caused(16)
  expect(await perform(lamp, tooLong.context)).toMatchObject({
    kind: 'give-up',
    reason: expect.stringContaining('link 17 of a chain of causes'),
  })
  expect(tooLong.published).toEqual([])
})

const fail = (): Promise<number> => Promise.reject(new Error('the disk is full'))

test('a message that cannot be committed is tried again', async () => {
  expect(await perform(lamp, desk({}, { publish: fail }).context)).toEqual({
    kind: 'retry',
    reason: 'publish failed: the disk is full',
  })
})

test('a message whose commit does not come in time is tried again', async () => {
  const clock = new ManualClock()
  const publish = (): Promise<number> => {
    queueMicrotask(() => clock.advance(10_000))
    return new Promise(() => {})
  }
  expect(await perform(lamp, desk({}, { publish, clock }).context)).toEqual({
    kind: 'retry',
    reason: 'publish failed: timed out after 10s',
  })
})

test('nothing is begun for an attempt that was cancelled before', async () => {
  const ending = new AbortController()
  ending.abort(new Error('the hub stops'))
  const { context, published } = desk({ ending })
  expect(await perform(lamp, context)).toEqual({ kind: 'retry', reason: 'publish failed: the hub stops' })
  expect(published).toEqual([])
})

test.each<[string, Partial<PublishSpec>]>([
  ['payload', { payload: { text: 'a'.repeat(1_000) } }],
  ['payload in UTF-8', { payload: { text: '€'.repeat(334) } }],
  ['payload of bytes', { payload: { base64: Buffer.alloc(1_000).toString('base64') } }],
  ['topic', { topic: 'a/'.repeat(500) }],
  ['properties', { properties: { contentType: 'x'.repeat(1_000) } }],
])('what is larger than limits.packetSize is not published, and not tried again: %s', async (_what, more) => {
  const { context, published } = desk({}, { packetBytes: 1_000 })
  expect(await perform({ ...lamp, ...more }, context)).toMatchObject({
    kind: 'give-up',
    reason: expect.stringMatching(
      /^nothing was published to .*: the message would be a packet of 10\d\d B, and /,
    ),
  })
  expect(published).toEqual([])
})

test('a packet of just limits.packetSize is published', async () => {
  const header = 1 + 2 + 2 + 'home/lamp'.length + 2 + 1
  const { context, published } = desk({}, { packetBytes: 1_000 })
  const of = (length: number) => ({ ...lamp, payload: { text: 'a'.repeat(length) } })
  expect(await perform(of(1_001 - header), context)).toMatchObject({ kind: 'give-up' })
  expect(await perform(of(1_000 - header), context)).toMatchObject({ kind: 'done' })
  expect(published).toHaveLength(1)
})

test('properties that MQTT has no room for are told in a sentence', async () => {
  const { context } = desk()
  expect(await perform({ ...lamp, properties: { contentType: 'x'.repeat(70_000) } }, context)).toEqual({
    kind: 'give-up',
    reason: expect.stringContaining(
      'nothing was published to home/lamp: its properties are not those of MQTT',
    ),
  })
})
