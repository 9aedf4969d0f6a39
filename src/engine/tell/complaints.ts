// Logs for the operator what went wrong with rules: rule code that failed, runs that are dead. The first
// complaint about a rule is logged at once. Those that follow within a while are counted and logged together,
// so that a broken rule floods no log.

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { printable } from '../../base/printable.ts'
import { formatDuration } from '../../base/quantities.ts'
import type { Run, Step } from '../../model/run.ts'
import type { Verdict } from '../../model/verdict.ts'

const WHILE_MS = 60_000
const LONGEST_REASON = 1_000

export interface ComplaintPorts {
  readonly clock: Clock
  readonly log: Log
}

export class Complaints {
  readonly #ports: ComplaintPorts
  /** The complaints of the present interval, each with the number of those that came after it. */
  readonly #told = new Map<string, { more: number }>()

  constructor(ports: ComplaintPorts) {
    this.#ports = ports
  }

  /** Called when a rule could not decide about an event, or plan its run. */
  failed({ rule, event, reason }: Verdict): void {
    const name = JSON.stringify(rule)
    const what = reason.includes(`rule ${name}`) ? reason : `Rule ${name}: ${reason}`
    this.#say(
      `failed ${rule}`,
      { event, rule },
      `${printable(what, LONGEST_REASON)}; nothing was done for event ${event}.`,
      (more) => `${more} more of its events were missed`,
    )
  }

  /** Must be called when the end is committed. */
  ended({ id, rule, state, reason }: Run, steps: readonly Step[]): void {
    if (state !== 'dead') return
    const name = JSON.stringify(rule)
    this.#say(
      `dead ${rule}`,
      { run: id, rule },
      `Run ${id} of rule ${name} is dead: ${reason ?? causeOf(steps)}. "vigie run show ${id}" tells ` +
        `more, "vigie run retry ${id}" tries it again.`,
      (more) => `${more} more of its runs died; "vigie runs --state dead --rule ${rule}" lists them`,
    )
  }

  #say(
    id: string,
    facts: { readonly rule: string; readonly [fact: string]: unknown },
    sentence: string,
    moreOf: (more: number) => string,
  ): void {
    const { clock, log } = this.#ports
    const told = this.#told.get(id)
    if (told) {
      told.more++
      return
    }
    const first = { more: 0 }
    this.#told.set(id, first)
    log.warn(facts, sentence)
    clock.after(WHILE_MS, () => {
      this.#told.delete(id)
      if (first.more > 0)
        log.warn(
          { rule: facts.rule },
          `Rule ${JSON.stringify(facts.rule)}: in the last ${formatDuration(WHILE_MS)}, ${moreOf(first.more)}.`,
        )
    })
  }
}

/** Returns the step that was out of attempts; of a parallel step the child, which says more. */
export function causeOf(steps: readonly Step[]): string {
  const dead = steps.filter(({ state, path }) => state === 'dead' && !path.includes('!'))
  const cause = dead.findLast(({ spec }) => spec?.kind !== 'parallel') ?? dead.at(-1)
  if (cause === undefined || cause.outcome === null || cause.outcome.kind === 'done')
    return 'nobody knows why'
  const tries = cause.attempt > 1 ? `, after ${cause.attempt} attempts` : ''
  return `${printable(cause.outcome.reason, LONGEST_REASON)} (step ${cause.path}${tries})`
}
