// The engine in virtual time: the same parts that plan and work in a hub, on a clock that stands still until
// it is told to go on, and with whoever performs the actions put in. `simulate` and `vigie backtest` drive
// it; nothing of what a rule means is here.

import type { ManualClock } from '../../base/clock.ts'
import type { Event } from '../../model/event.ts'
import { PACKET_BYTES } from '../../model/publication-size.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { Change, EngineReads } from '../../model/store.ts'
import type { RuleSet } from '../../rules/compile/rule-set.ts'
import { silentLog } from '../../base/log.ts'
import { assemble } from '../assembly.ts'
import { Draft } from '../runs/draft.ts'
import type { Occasions } from '../work/occasions.ts'
import type { OpenRun } from '../runs/open-run.ts'
import { Rescue } from '../work/rescue.ts'
import { RuleMemory } from '../plan/rule-memory.ts'
import { Sequence } from '../plan/sequence.ts'
import type { UserCode } from '../contain/user-code.ts'
import type { Claim, Work } from '../work/work.ts'

export interface VirtualPorts {
  readonly rules: RuleSet
  readonly clock: ManualClock
  readonly userCode: UserCode
  readonly reads: Pick<
    EngineReads,
    | 'event'
    | 'eventHead'
    | 'lastOn'
    | 'openRunIds'
    | 'run'
    | 'runHead'
    | 'ruleStates'
    | 'lastRunId'
    | 'downtimes'
  >
  /**
   * Must not wait for anything but promises that are as good as kept: virtual time stands still meanwhile.
   */
  perform(claim: Claim, occasions: Occasions): Promise<Outcome>
  commit(change: Change): void
  /** The end of the run is committed. */
  ended(open: OpenRun, event: Event): void
  deadLetter(rule: string, event: Event): void
}

const NO_LIMIT = { total: Infinity, perRule: Infinity }
const NONE: ReadonlySet<number> = new Set()
/** Of the pauses before retries, the middle. */
const NO_CHANCE = 0.5

export class VirtualEngine {
  readonly #ports: VirtualPorts
  readonly draft = new Draft()
  readonly memory = new RuleMemory(this.draft)
  readonly #work: Work
  readonly #sequence: Sequence
  #ended: { readonly open: OpenRun; readonly event: Event }[] = []

  constructor(ports: VirtualPorts) {
    const { rules, reads, clock, userCode } = ports
    this.#ports = ports
    this.memory.restore(reads.ruleStates())
    const { work, sequence } = assemble({
      rules,
      packetBytes: PACKET_BYTES,
      reads,
      clock,
      userCode,
      draft: this.draft,
      memory: this.memory,
      limits: { steps: NO_LIMIT, requests: NO_LIMIT },
      commit: async () => this.commit(),
      perform: (occasions) => (claim) => ports.perform(claim, occasions),
      ended: (open, event) => this.#ended.push({ open, event }),
      refused: () => {},
      failed: () => {},
      abortElsewhere: () => {},
      passOn: () => {},
      setAside: NONE,
      deadLetter: (rule, event) => ports.deadLetter(rule, event),
      random: () => NO_CHANCE,
    })
    this.#work = work
    this.#sequence = new Sequence(sequence)
  }

  /** Takes up what an engine before this one has left. */
  async start(): Promise<void> {
    const { reads, rules, clock } = this.#ports
    const work = this.#work
    const draft = this.draft
    const nobody = {
      log: silentLog,
      turnTo: () => {},
      elsewhere: [],
      setAside: new Set<number>(),
      deathsOutsideRules: 0,
    }
    await new Rescue({ reads, rules, work, draft, clock, ...nobody }).run()
  }

  /** Steps are ready to be performed, or under way. */
  get isBusy(): boolean {
    return this.#work.backlog > 0 || this.#work.stepsUnderWay > 0
  }

  /** Asks the rules about an event. What they want is done by `settle`. */
  take(event: Event): void {
    this.#sequence.take(event)
    this.draft.cursor(event.id)
  }

  /** There is no event left of the time before: what waits for that is told. */
  atHead(): void {
    this.#sequence.takeDowntimes()
  }

  /** Performs what can be performed at this moment, and commits it. */
  async settle(): Promise<void> {
    await this.#work.flush()
    while (this.isBusy) await Promise.resolve()
    this.commit()
  }

  commit(): void {
    if (this.draft.isEmpty) return
    const ended = this.#ended
    this.#ended = []
    this.#ports.commit(this.draft.take())
    for (const { open, event } of ended) this.#ports.ended(open, event)
  }

  /** The next moment at which something is due; Infinity when nothing is. */
  get nextAt(): number {
    return Math.min(this.memory.nextWakeAt ?? Infinity, this.#ports.clock.nextAt ?? Infinity)
  }

  /**
   * Time goes on to a moment; what falls due on the way is done in order. `settle` says whether it led to
   * anything.
   */
  async goTo(target: number, settle: () => Promise<void> | undefined): Promise<void> {
    const { clock } = this.#ports
    for (let at = this.nextAt; at <= target; at = this.nextAt) {
      clock.advance(Math.max(0, at - clock.now()))
      this.#sequence.wakeUntil(clock.now())
      const settled = settle()
      if (settled) await settled
    }
    clock.advance(Math.max(0, target - clock.now()))
  }
}
