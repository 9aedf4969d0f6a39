import { MessageChannel } from 'node:worker_threads'
import { afterEach, expect, it } from 'vitest'
import { callsTo, serveCalls } from '../../src/base/calls.ts'

const methods = {
  add: (a: number, b: number) => a + b,
  later: async (text: string) => text,
  fail: (): never => {
    throw new RangeError('too far')
  },
}

const { port1, port2 } = new MessageChannel()
afterEach(() => {
  port1.removeAllListeners()
  port2.removeAllListeners()
  port1.unref()
  port2.unref()
})

it('answers calls with values, promised values and errors', async () => {
  serveCalls(port1, methods)
  const { remote } = callsTo<typeof methods>(port2)
  expect(await remote.add(2, 3)).toBe(5)
  expect(await remote.later('x')).toBe('x')
  await expect(remote.fail()).rejects.toThrow(new RangeError('too far'))
})

it('fails what is unanswered, and what comes after, once it is closed', async () => {
  const { remote, close } = callsTo<typeof methods>(port2)
  const unanswered = remote.add(1, 1)
  close(new Error('The engine has ended.'))
  await expect(unanswered).rejects.toThrow('The engine has ended.')
  await expect(remote.add(1, 1)).rejects.toThrow('The engine has ended.')
})
