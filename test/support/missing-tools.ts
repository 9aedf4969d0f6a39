// Closes a run with one line about the tests that were skipped, and what they need. Nothing where none was.

import type { Reporter, TestModule } from 'vitest/node'

/** Begins the note in the title of a test that is skipped for want of something. */
export const NEEDS = ' – needs '

export class MissingTools implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = new Map<string, number>()
    for (const { children } of modules)
      for (const { fullName } of children.allTests('skipped')) {
        const [, needs] = fullName.split(NEEDS)
        const names = needs?.split(' > ')[0]
        if (names !== undefined) skipped.set(names, (skipped.get(names) ?? 0) + 1)
      }
    if (skipped.size === 0) return
    const parts = Array.from(skipped, ([names, count]) => `${count} need ${names}`)
    console.log(`Skipped, as something is not on this machine: ${parts.join('; ')}.\n`)
  }
}
