import { MessageChannel } from 'node:worker_threads'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { callsTo, serveCalls } from '../../src/base/calls.ts'
import { OperatorError } from '../../src/base/operator-error.ts'

const methods = {
  add: (a: number, b: number) => a + b,
  later: async (text: string) => text,
  unclonable: () => () => {},
  fail: (): never => {
    throw new RangeError('too far')
  },
  refuse: (): never => {
    throw new OperatorError('The folder is a file.')
  },
}

let { port1, port2 } = new MessageChannel()
beforeEach(() => {
  ;({ port1, port2 } = new MessageChannel())
})
afterEach(() => {
  port1.close()
})

it('answers calls with values, promised values and errors', async () => {
  serveCalls(port1, methods)
  const { remote } = callsTo<typeof methods>(port2)
  expect(await remote.add(2, 3)).toBe(5)
  expect(await remote.later('x')).toBe('x')
  await expect(remote.fail()).rejects.toThrow(new RangeError('too far'))
  const refusal = remote.refuse()
  await expect(refusal).rejects.toBeInstanceOf(OperatorError)
  await expect(refusal).rejects.toThrow('The folder is a file.')
})

it('fails what is unanswered, and what comes after, once it is closed', async () => {
  const { remote, close } = callsTo<typeof methods>(port2)
  const unanswered = remote.add(1, 1)
  close(new Error('The engine has ended.'))
  await expect(unanswered).rejects.toThrow('The engine has ended.')
  await expect(remote.add(1, 1)).rejects.toThrow('The engine has ended.')
})

it('answers with an error what cannot be sent', async () => {
  serveCalls(port1, methods)
  const { remote } = callsTo<typeof methods>(port2)
  await expect(remote.unclonable()).rejects.toThrow('could not be cloned')
})

it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'nothing'])(
  'refuses to call %s, which is no method of its own',
  async (method) => {
    serveCalls(port1, methods)
    const { remote } = callsTo<Record<string, () => void>>(port2)
    await expect(remote[method]!()).rejects.toThrow(`There is no method ${method}.`)
  },
)

it('takes no notice of messages that are no calls', async () => {
  serveCalls(port1, methods)
  const { remote } = callsTo<typeof methods>(port2)
  for (const message of [null, 1, 'call', { call: 1 }, { call: 1, method: 'add' }, { answer: {} }])
    port2.postMessage(message)
  expect(await remote.add(1, 1)).toBe(2)
})
