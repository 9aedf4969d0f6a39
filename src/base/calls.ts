// Questions and answers over a message port between two threads: `serveCalls` on one side, `callsTo` on the other.
// Order is kept: calls are begun in the order in which they were made.

/** What a MessagePort and a Worker have in common. */
interface Port {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  off(event: 'message', listener: (message: unknown) => void): unknown
}
// oxlint-disable-next-line typescript/no-explicit-any -- the arguments of any method at all
export type Methods<T> = { readonly [K in keyof T]: (...args: any[]) => unknown }
/** The same methods as seen from the other thread: every answer is a promise. */
export type Remote<T extends Methods<T>> = {
  readonly [K in keyof T]: (...args: Parameters<T[K]>) => Promise<Awaited<ReturnType<T[K]>>>
}

type Call = { readonly call: number; readonly method: string; readonly args: readonly unknown[] }
type Answer =
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly error: unknown }

const isCall = (message: unknown): message is Call =>
  typeof message === 'object' && message !== null && 'call' in message
const isAnswer = (message: unknown): message is Answer =>
  typeof message === 'object' && message !== null && 'answer' in message

/** Answers the other side's calls with these methods, until the returned function is called. */
export function serveCalls<T extends Methods<T>>(port: Port, methods: T): () => void {
  const take = async ({ call, method, args }: Call): Promise<Answer> => {
    try {
      return { answer: call, value: await methods[method as keyof T](...args) }
    } catch (error) {
      return { answer: call, error }
    }
  }
  const listener = (message: unknown): void => {
    if (isCall(message)) void take(message).then((answer) => port.postMessage(answer))
  }
  port.on('message', listener)
  return () => port.off('message', listener)
}

export interface CallsTo<T extends Methods<T>> {
  readonly remote: Remote<T>
  /** Fails all that is unanswered and all that is asked from now on: the other side is gone. */
  readonly close: (reason: Error) => void
}

/** Calls the methods that the other side serves. What a method throws there, its promise rejects with here. */
export function callsTo<T extends Methods<T>>(port: Port): CallsTo<T> {
  const unanswered = new Map<number, PromiseWithResolvers<unknown>>()
  let lastCall = 0
  let closed: Error | undefined
  const listener = (message: unknown): void => {
    if (!isAnswer(message)) return
    const waiting = unanswered.get(message.answer)
    unanswered.delete(message.answer)
    if ('error' in message) waiting?.reject(message.error)
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
