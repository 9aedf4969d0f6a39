import { expect, test } from 'vitest'
import { Outbox } from '../../../src/engine/tell/outbox.ts'
import type { Publication } from '../../../src/model/event.ts'

const message = (topic: string, bytes = 0): Publication => ({
  topic,
  payload: Buffer.alloc(bytes),
  qos: 1,
  retain: false,
  origin: 'hub',
  cause: null,
})

test('what one turn publishes travels at once, and each gets its own answer', async () => {
  const sent: string[][] = []
  const outbox = new Outbox(async (publications) => {
    sent.push(publications.map(({ topic }) => topic))
    return publications.map(({ topic }, index) =>
      topic === 'bad'
        ? { status: 'rejected', reason: new Error('no') }
        : { status: 'fulfilled', value: index },
    )
  })
  const answers = ['a', 'bad', 'c'].map((topic) => outbox.publish(message(topic)))
  expect(await Promise.allSettled(answers)).toEqual([
    { status: 'fulfilled', value: 0 },
    { status: 'rejected', reason: new Error('no') },
    { status: 'fulfilled', value: 2 },
  ])
  expect(await outbox.publish(message('d'))).toBe(0)
  expect(sent).toEqual([['a', 'bad', 'c'], ['d']])
})

test('when nobody takes it, each publication fails', async () => {
  const outbox = new Outbox(() => Promise.reject(new Error('the hub is gone')))
  const answers = await Promise.allSettled([outbox.publish(message('a')), outbox.publish(message('b'))])
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

test('what is large goes in several messages, in order, with what is published meanwhile at the end', async () => {
  const sent: string[][] = []
  const outbox = new Outbox(async (publications) => {
    sent.push(publications.map(({ topic }) => topic))
    return publications.map(() => ({ status: 'fulfilled', value: sent.length }))
  })
  const mib = 2 ** 20
  const first = [message('a', 3 * mib), message('b', 2 * mib), message('c', 9 * mib), message('d')]
  const answers = first.map((one) => outbox.publish(one))
  await answers[0]
  answers.push(outbox.publish(message('e')))
  expect(await Promise.all(answers)).toEqual([1, 1, 2, 3, 3])
  expect(sent).toEqual([['a', 'b'], ['c'], ['d', 'e']])
})
