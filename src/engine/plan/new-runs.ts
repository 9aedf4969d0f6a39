// Makes runs of firings, and puts them into the draft: a firing is refused when it comes too late, at the end of
// too long a chain of causes, against its rule's mode, or with too large a decision. A dry run is only stored.

import type { Clock } from '../../base/clock.ts'
import { formatSize } from '../../base/quantities.ts'
import { DEEPEST_CAUSE } from '../../model/event.ts'
import type { Event } from '../../model/event.ts'
import type { EngineReads } from '../../model/store.ts'
import type { Stage } from '../../model/verdict.ts'
import type { CompiledRule } from '../../rules/compile/compiled-rule.ts'
import type { RuleSet } from '../../rules/compile/rule-set.ts'
import type { Firing } from '../../rules/evaluate/evaluate.ts'
import { admit, widthOf } from '../../rules/evaluate/mode.ts'
import { plan } from '../../rules/evaluate/plan.ts'
import type { Occasion, Plan } from '../../rules/evaluate/plan.ts'
import type { Draft } from '../runs/draft.ts'
import { lightened } from '../runs/light-event.ts'
import { newStep } from '../runs/open-run.ts'
import { HEAVIEST_EVENT, LIGHT_DECISION, weigh } from '../runs/weight.ts'
import { occasionOf } from '../steps/occasions.ts'
import type { Work } from '../steps/work.ts'

export interface NewRunPorts {
  readonly rules: RuleSet
  readonly reads: Pick<EngineReads, 'event' | 'lastOn'>
  readonly draft: Draft
  readonly work: Pick<Work, 'add' | 'cancel' | 'runsIn'>
  readonly clock: Clock
  readonly nextRunId: () => number
  /** The largest packet that a rule may publish. */
  readonly packetBytes: number
  /** Called when a rule would have fired at the end of too long a chain of causes. */
  readonly deadLetter: (rule: string, event: Event) => void
}

/** The reason why a firing makes no run. */
export interface Refusal {
  readonly stage: Stage
  readonly reason: string
}

export class NewRuns {
  readonly #ports: NewRunPorts
  /** Bytes that further decisions because of the event, wake or downtime at hand may take. */
  #room = HEAVIEST_EVENT

  constructor(ports: NewRunPorts) {
    this.#ports = ports
  }

  /** Must be called before each event, wake or downtime: what its decisions take is counted from here on. */
  makeRoom(): void {
    this.#room = HEAVIEST_EVENT
  }

  /**
   * Plans the run of a firing, and hands it to the work. Returns why there is none.
   * @param current the event at hand; the firing may be because of an earlier one
   */
  plan(rule: CompiledRule, firing: Firing, current: Event | undefined): Refusal | undefined {
    const { rules, reads, draft, work, clock, nextRunId, deadLetter } = this.#ports
    const event = current?.id === firing.event ? current : reads.event(firing.event)
    if (event === undefined) return { stage: 'error', reason: 'its event is no longer in the history' }
    if (firing.expiresAt !== null && clock.now() > firing.expiresAt)
      return { stage: 'ttl', reason: 'too old when its turn came' }
    if ((event.cause?.depth ?? 0) >= DEEPEST_CAUSE) {
      deadLetter(rule.name, event)
      return { stage: 'loop', reason: `the end of a chain of ${DEEPEST_CAUSE} causes` }
    }
    const match = rules.matchOf(rule.name, event.topic)
    if (match === undefined) return { stage: 'error', reason: `the rule no longer waits for ${event.topic}` }
    const occasion = occasionOf(match, event, firing, reads)
    if (firing.dryRun) return this.#rehearse(occasion, firing)
    const openRuns = isUnlimited(rule) ? [] : work.runsIn(rule.name, firing.key)
    const admission = admit(rule, openRuns)
    if (admission.kind === 'skip') return { stage: 'mode', reason: admission.reason }
    const planned = this.#planned(occasion)
    if (!planned.ok) return { stage: 'error', reason: planned.reason }
    const id = nextRunId()
    if (admission.kind === 'plan')
      for (const run of admission.cancel) work.cancel(run, `run ${id} replaces it`)
    const run = {
      id,
      rule: rule.name,
      key: firing.key,
      event: event.id,
      state: 'planned',
      plannedAt: firing.at,
      startedAt: null,
      endedAt: null,
      reason: null,
      ...(firing.details && { details: firing.details }),
    } as const
    const steps = planned.steps.map(({ path, spec }) => newStep(id, path, spec))
    draft.newRun(run, steps)
    work.add({ run, steps, event: lightened(event, reads), width: widthOf(rule) })
    return undefined
  }

  /**
   * Plans the run. What a rule makes is copied on its way to the store, and in the store; a decision that is
   * too large, by itself or with the others because of the same event, is refused here.
   */
  #planned(occasion: Occasion): Plan {
    const planned = plan(occasion)
    if (!planned.ok) return planned
    const { rule } = occasion.match
    const specs = planned.steps.map(({ spec }) => spec)
    const { bytes, problem } = weigh(rule, 'do', specs, this.#ports.packetBytes)
    if (problem !== undefined) return { ok: false, reason: problem }
    if (bytes > LIGHT_DECISION && bytes > this.#room) return { ok: false, reason: noRoom(rule, bytes) }
    this.#room -= bytes
    return planned
  }

  /** Stores what the rule would have done, for a person to read. Nobody else hears of it. */
  #rehearse(occasion: Occasion, { rule, key, at, details }: Firing): Refusal | undefined {
    const { draft, nextRunId } = this.#ports
    const planned = this.#planned(occasion)
    if (!planned.ok) return { stage: 'error', reason: planned.reason }
    const id = nextRunId()
    const run = {
      id,
      rule,
      key,
      event: occasion.event.id,
      plannedAt: at,
      startedAt: null,
      endedAt: at,
      reason: null,
      ...(details && { details }),
    } as const
    const steps = planned.steps.map(({ path, spec }) => newStep(id, path, spec))
    draft.newRun({ ...run, state: 'dry' }, steps)
    for (const step of steps) draft.step({ ...step, state: 'skipped', endedAt: at })
    draft.announced(id)
    return undefined
  }
}

const noRoom = ({ line, name }: CompiledRule, bytes: number): string =>
  `${line}: rule ${JSON.stringify(name)}: do returned actions that take ${formatSize(bytes)}. Together with the ` +
  `other actions because of the same event that is more than ${formatSize(HEAVIEST_EVENT)}, the most that one ` +
  'event may come to'

/** Whether the rule's mode sets no limit, so that its open runs need not be counted. */
const isUnlimited = ({ mode }: CompiledRule): boolean => mode.kind === 'parallel' && mode.limit === Infinity
