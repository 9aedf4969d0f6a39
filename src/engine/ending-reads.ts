// Reads of the store that end the engine when they fail. A rule may be the one who asked (`last()` in its
// `when`), and what is thrown there counts as the rule's own error: its event would be passed for good. An
// engine that ends goes on at its cursor instead, with nothing passed.

import type { EngineReads } from '../model/store.ts'

/** @param fail ends the engine; where it comes back, the error goes on to the caller */
export const endingReads = (reads: EngineReads, fail: (error: unknown) => void): EngineReads =>
  new Proxy(reads, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]): unknown => {
        try {
          return Reflect.apply(member, target, args)
        } catch (error) {
          fail(error)
          throw error
        }
      }
    },
  })
