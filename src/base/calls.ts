// Questions and answers over a message port between two threads: `serveCalls` on one side, `callsTo` on the
// other. Order is kept: calls are begun in the order in which they were made.

import { OperatorError } from './operator-error.ts'
import { messageOf, printable } from './printable.ts'

/** The methods that a MessagePort and a Worker share. */
interface Port {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  off(event: 'message', listener: (message: unknown) => void): unknown
}
// oxlint-disable-next-line typescript/no-explicit-any -- the arguments of any method at all
export type Methods<T> = { readonly [K in keyof T]: (...args: any[]) => unknown }
/** The methods as the other thread calls them: every answer is a promise. */
export type Remote<T extends Methods<T>> = {
  readonly [K in keyof T]: (...args: Parameters<T[K]>) => Promise<Awaited<ReturnType<T[K]>>>
}

type Call = { readonly call: number; readonly method: string; readonly args: readonly unknown[] }
type Answer =
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly error: unknown }
  /** An OperatorError: the class of an error does not outlive its way. */
  | { readonly answer: number; readonly sentence: string }

const isCall = (message: unknown): message is Call =>
  isRecord(message) &&
  typeof message['call'] === 'number' &&
  typeof message['method'] === 'string' &&
  Array.isArray(message['args'])
const isAnswer = (message: unknown): message is Answer =>
  isRecord(message) && typeof message['answer'] === 'number'
const isRecord = (message: unknown): message is Readonly<Record<string, unknown>> =>
  typeof message === 'object' && message !== null

/** Answers the other side's calls with these methods, until the returned function is called. */
export function serveCalls<T extends Methods<T>>(port: Port, methods: T): () => void {
  const names = methodsOf(methods)
  const take = async ({ call, method, args }: Call): Promise<Answer> => {
    try {
      if (!names.has(method)) throw new TypeError(`There is no method ${printable(method)}.`)
      return { answer: call, value: await methods[method as keyof T](...args) }
    } catch (error) {
      return error instanceof OperatorError
        ? { answer: call, sentence: error.message }
        : { answer: call, error }
    }
  }
  const serve = async (asked: Call): Promise<void> => {
    const answer = await take(asked)
    try {
      port.postMessage(answer)
    } catch (error) {
      // The method's result, or the error that it threw, cannot be cloned.
      port.postMessage({ answer: asked.call, error: new Error(messageOf(error)) } satisfies Answer)
    }
  }
  const listener = (message: unknown): void => {
    if (isCall(message)) void serve(message)
  }
  port.on('message', listener)
  return () => port.off('message', listener)
}

/**
 * The names of the methods of the object and its class. Methods that every object inherits cannot be called
 * from the other side.
 */
function methodsOf(methods: object): ReadonlySet<string> {
  const names = new Set<string>()
  for (let at = methods; at !== Object.prototype && at !== null; at = Object.getPrototypeOf(at) as object)
    for (const name of Object.getOwnPropertyNames(at)) names.add(name)
  names.delete('constructor')
  return names
}

export interface CallsTo<T extends Methods<T>> {
  readonly remote: Remote<T>
  /** Fails all that is unanswered and all that is asked from now on: the other side is gone. */
  readonly close: (reason: Error) => void
}

/**
 * Calls the methods that the other side serves. What a method throws there, its promise rejects with here.
 */
export function callsTo<T extends Methods<T>>(port: Port): CallsTo<T> {
  const unanswered = new Map<number, PromiseWithResolvers<unknown>>()
  let lastCall = 0
  let closed: Error | undefined
  const listener = (message: unknown): void => {
    if (!isAnswer(message)) return
    const waiting = unanswered.get(message.answer)
    unanswered.delete(message.answer)
    if ('error' in message) waiting?.reject(message.error)
    else if ('sentence' in message) waiting?.reject(new OperatorError(message.sentence))
    else waiting?.resolve(message.value)
  }
  port.on('message', listener)
  const ask = (method: string, args: readonly unknown[]): Promise<unknown> => {
    if (closed) return Promise.reject(closed)
    const waiting = Promise.withResolvers<unknown>()
    unanswered.set(++lastCall, waiting)
    port.postMessage({ call: lastCall, method, args } satisfies Call)
    return waiting.promise
  }
  return {
    remote: new Proxy({} as Remote<T>, {
      get: (_target, method) =>
        typeof method === 'string' && method !== 'then'
          ? (...args: unknown[]) => ask(method, args)
          : undefined,
    }),
    close(reason) {
      closed = reason
      port.off('message', listener)
      for (const waiting of unanswered.values()) waiting.reject(reason)
      unanswered.clear()
    },
  }
}
