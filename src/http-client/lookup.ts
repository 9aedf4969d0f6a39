// Looks names up for connections, each name once at a time. The system's lookup takes one of the few threads
// of Node's pool until it ends, which nobody can hasten: while the name server is silent, checks that are
// made again and again would otherwise queue up there without end, in front of every file that is read.

import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

type Callback = Parameters<LookupFunction>[2]

/** @param resolve looks a name up; the system's lookup but in tests */
export function openLookup(resolve: LookupFunction = systemLookup): LookupFunction {
  const waiting = new Map<string, Callback[]>()
  return (host, options, callback) => {
    const key = JSON.stringify([host, options])
    const others = waiting.get(key)
    if (others) {
      others.push(callback)
      return
    }
    waiting.set(key, [callback])
    resolve(host, options, (...answer) => {
      const all = waiting.get(key) ?? []
      waiting.delete(key)
      for (const each of all) each(...answer)
    })
  }
}

export const lookup = openLookup()
