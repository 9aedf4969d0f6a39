// What code of others may throw or return: things that throw in their turn as soon as somebody looks at them.

import * as fc from 'fast-check'

const boom = (): never => {
  throw Object.create(null)
}

const traps: ProxyHandler<object> = {
  get: boom,
  has: boom,
  getPrototypeOf: boom,
  ownKeys: boom,
  getOwnPropertyDescriptor: boom,
}

class Odd extends Error {
  override get message(): string {
    return boom()
  }
  override get name(): string {
    return boom()
  }
  override get stack(): string {
    return boom()
  }
}

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

/** By name, each made anew. */
export const HOSTILE: Readonly<Record<string, () => unknown>> = {
  'an object without a prototype': () => Object.create(null),
  'the groups of a regular expression': () => /(?<a>x)/.exec('x')!.groups,
  'an object whose toString throws': () => ({ toString: boom }),
  'an object whose toString is no function': () => ({ toString: 0, valueOf: 0 }),
  'an object whose toJSON throws': () => ({ toJSON: boom }),
  'an object whose conversion throws': () => ({ [Symbol.toPrimitive]: boom }),
  'an object whose tag throws': () => Object.defineProperty({}, Symbol.toStringTag, { get: boom }),
  'a Proxy': () => new Proxy({}, traps),
  'a Proxy of an error': () => new Proxy(new Error('no'), traps),
  'a Proxy that was revoked': revoked,
  'an error whose parts throw': () => new Odd(),
  'an error whose message is an object': () => Object.assign(new Error(), { message: Object.create(null) }),
  'an error whose name is a symbol': () => Object.assign(new Error('no'), { name: Symbol('x') }),
  'an error whose cause is itself': () => {
    const error = new Error('no')
    error.cause = error
    return error
  },
  'a promise that is rejected': () => {
    const promise = Promise.reject(Object.create(null) as Error)
    promise.catch(() => {})
    return promise
  },
  'an object whose getter throws': () =>
    Object.defineProperty({}, 'payload', { get: boom, enumerable: true }),
  'a symbol': () => Symbol('x'),
  undefined: () => undefined,
  null: () => null,
}

/** Makes one, or any other value: fast-check itself stumbles over these. */
export const hostile = (): fc.Arbitrary<() => unknown> =>
  fc.oneof(
    fc.constantFrom(...Object.values(HOSTILE)),
    fc
      .anything({ withNullPrototype: true, withBigInt: true, withSparseArray: true })
      .map((value) => () => value),
  )
