// Publishes a dead letter where a chain of causes is cut because it is too long: rules fire each other in a
// circle. There is one dead letter for each circle in a while, so that a rule which listens to dead letters
// makes no faster circle of its own.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { printable } from '../../base/printable.ts'
import { DEEPEST_CAUSE } from '../../model/event.ts'
import type { Event, Publication } from '../../model/event.ts'
import { hubMessage } from '../../model/hub-message.ts'
import type { EngineReads } from '../../model/store.ts'

const AT_MOST_EVERY_MS = 600_000
const MOST_REMEMBERED = 1_000

export interface DeadLetterPorts {
  readonly root: string
  readonly clock: Clock
  readonly log: Log
  readonly reads: Pick<EngineReads, 'event' | 'run'>
  readonly publish: (publication: Publication) => Promise<number>
}

/** Returns the function to call when a rule would have fired for an event at the end of too long a chain. */
export function openDeadLetters({ root, clock, log, reads, publish }: DeadLetterPorts) {
  const toldAt = new Map<string, number>()
  return (rule: string, event: Event): void => {
    const chain = [...chainUpTo(event, reads), rule]
    const circle = [...new Set(chain)].toSorted().join('\0')
    const now = clock.now()
    if (now - (toldAt.get(circle) ?? -Infinity) < AT_MOST_EVERY_MS) return
    if (toldAt.size >= MOST_REMEMBERED) toldAt.clear()
    toldAt.set(circle, now)
    const way = circleOf(chain).join(' → ')
    log.error(
      { event: event.id, rule },
      `Rule "${rule}" did not fire for event ${event.id} on ${printable(event.topic)}: it is the end of a chain of ` +
        `${DEEPEST_CAUSE} causes, so rules fire each other in a circle (${way}). Break it with a condition.`,
    )
    const payload = { rule, event: event.id, topic: event.topic, circle: circleOf(chain), chain }
    const told = hubMessage(`${root}/hub/loops`, { ...payload, at: new Date(now).toISOString() })
    publish(told).catch((error: unknown) =>
      log.error({ err: error }, `${root}/hub/loops could not be published.`),
    )
  }
}

/** The rules whose runs led to an event, the first cause first. */
function chainUpTo(event: Event, reads: DeadLetterPorts['reads']): string[] {
  const chain: string[] = []
  for (let at: Event | undefined = event; at?.cause && chain.length < 2 * DEEPEST_CAUSE;) {
    const run = at.cause.run === null ? undefined : reads.run(at.cause.run)
    if (run) chain.unshift(run.run.rule)
    at = reads.event(at.cause.event)
  }
  return chain
}

/** Returns the end of the chain, from where its last rule came before: `a → b → a`. */
function circleOf(chain: readonly string[]): readonly string[] {
  const before = chain.lastIndexOf(chain.at(-1) ?? '', -2)
  return before === -1 ? chain : chain.slice(before)
}
