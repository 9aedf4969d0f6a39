// Two network namespaces, and the cable between them, which can be pulled. Needs root.

import { execFileSync } from 'node:child_process'
import { whenOver } from './lifetime.ts'

const ip = (words: string): unknown =>
  execFileSync('ip', words.split(' '), { stdio: ['ignore', 'ignore', 'inherit'] })

/** The words before a command that is to run in a namespace. */
export const inside = (namespace: string): readonly [string, ...string[]] => [
  'ip',
  'netns',
  'exec',
  namespace,
]

/** Two namespaces with a cable, which are gone when the test is over; the hub has 10.9.7.1. */
export function cable() {
  const [hub, far] = [`vigie-hub-${process.pid}`, `vigie-far-${process.pid}`]
  for (const name of [hub, far]) {
    ip(`netns add ${name}`)
    whenOver(() => ip(`netns del ${name}`))
    ip(`-n ${name} link set lo up`)
  }
  ip(`-n ${hub} link add cable type veth peer name cable netns ${far}`)
  ip(`-n ${hub} addr add 10.9.7.1/24 dev cable`)
  ip(`-n ${far} addr add 10.9.7.2/24 dev cable`)
  const both = (state: 'up' | 'down'): void => {
    for (const name of [hub, far]) ip(`-n ${name} link set cable ${state}`)
  }
  both('up')
  return { hub, far, pull: () => both('down'), plug: () => both('up') }
}
