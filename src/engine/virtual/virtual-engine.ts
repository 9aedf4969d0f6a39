// The engine in virtual time. It has the same parts as the engine of a hub, on a clock that stands still
// until it is told to go on; whoever drives it (`simulate`, `vigie backtest`) performs the actions. Nothing
// here decides what a rule means.

import type { ManualClock } from '../../base/clock.ts'
import type { Alert } from '../../model/alert.ts'
import type { AlertSettings } from '../../model/alert-settings.ts'
import type { AlertBook } from '../alerts/alert-book.ts'
import type { RulePauses } from '../plan/rule-pauses.ts'
import type { Event } from '../../model/event.ts'
import { PACKET_BYTES } from '../../model/publication-size.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { RulePause } from '../../model/rule-pause.ts'
import type { Change, EngineReads } from '../../model/store.ts'
import type { RuleSet } from '../../rules/compile/rule-set.ts'
import { silentLog } from '../../base/log.ts'
import { assemble } from '../assembly.ts'
import { Draft } from '../runs/draft.ts'
import type { Occasions } from '../steps/occasions.ts'
import type { OpenRun } from '../runs/open-run.ts'
import { Rescue } from '../steps/rescue.ts'
import { RuleMemory } from '../plan/rule-memory.ts'
import { Sequence } from '../plan/sequence.ts'
import type { UserCode } from '../contain/user-code.ts'
import type { Claim, Work } from '../steps/work.ts'

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
    | 'alert'
    | 'heldAlerts'
    | 'silences'
    | 'liveNotifications'
    | 'rulePauses'
  >
  /**
   * Performs one attempt. It must not wait for anything but promises that resolve at once: virtual time
   * stands still meanwhile.
   */
  perform(claim: Claim, occasions: Occasions): Promise<Outcome>
  commit(change: Change): void
  /** Called when the end of the run is committed. */
  ended(open: OpenRun, event: Event | undefined): void
  deadLetter(rule: string, event: Event): void
  readonly alerts: AlertSettings
  /** The alert is committed as it is. */
  alertChanged(alert: Alert): void
  /** The pause of a rule is committed as it is. */
  rulePauseChanged(pause: RulePause): void
  /** The pause of a rule is over. */
  resumed(rule: string): void
}

const NO_LIMIT = { total: Infinity, perRule: Infinity }
const NONE: ReadonlySet<number> = new Set()
/** The random number for pauses before retries: it gives the middle of each range. */
const NO_CHANCE = 0.5

export class VirtualEngine {
  readonly #ports: VirtualPorts
  readonly draft = new Draft()
  readonly memory = new RuleMemory(this.draft)
  readonly #work: Work
  readonly alerts: AlertBook
  readonly pauses: RulePauses
  readonly #sequence: Sequence
  #ended: { readonly open: OpenRun; readonly event: Event | undefined }[] = []

  constructor(ports: VirtualPorts) {
    const { rules, reads, clock, userCode } = ports
    this.#ports = ports
    this.memory.restore(reads.ruleStates())
    const { work, alerts, pauses, sequence } = assemble({
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
      resumed: (rule) => ports.resumed(rule),
      random: () => NO_CHANCE,
      alerts: ports.alerts,
      log: silentLog,
    })
    this.alerts = alerts
    this.pauses = pauses
    this.#work = work
    this.#sequence = new Sequence(sequence)
  }

  /** Takes up the runs and states that an engine before this one has left. */
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

  /** Whether steps are ready to be performed, or under way. */
  get isBusy(): boolean {
    return this.#work.backlog > 0 || this.#work.stepsUnderWay > 0
  }

  /** Asks the rules about an event. `finish` performs what they want. */
  take(event: Event): void {
    this.#sequence.take(event)
    this.draft.cursor(event.id)
  }

  /** Called when every event of the past has been evaluated: waits that depend on that may end. */
  atHead(): void {
    this.#sequence.takeDowntimes()
  }

  /** Performs what can be performed at this moment, and commits it. */
  async finish(): Promise<void> {
    await this.#work.flush()
    while (this.isBusy) await Promise.resolve()
    this.commit()
  }

  commit(): void {
    if (this.draft.isEmpty) return
    const ended = this.#ended
    this.#ended = []
    const change = this.draft.take()
    this.#ports.commit(change)
    for (const { open, event } of ended) this.#ports.ended(open, event)
    for (const alert of change.alerts ?? []) this.#ports.alertChanged(alert)
    for (const pause of change.rulePauses ?? []) this.#ports.rulePauseChanged(pause)
  }

  /** The next moment at which something is due; Infinity when nothing is. */
  get nextAt(): number {
    return Math.min(this.#sequence.nextWakeAt ?? Infinity, this.#ports.clock.nextAt ?? Infinity)
  }

  /**
   * Moves the time on to a moment, and does in order what falls due on the way. `finish` performs what
   * followed from it, and returns undefined when nothing did.
   */
  async goTo(target: number, finish: () => Promise<void> | undefined): Promise<void> {
    const { clock } = this.#ports
    for (let at = this.nextAt; at <= target; at = this.nextAt) {
      clock.advance(Math.max(0, at - clock.now()))
      this.#sequence.wakeUntil(clock.now())
      const finishing = finish()
      if (finishing) await finishing
    }
    clock.advance(Math.max(0, target - clock.now()))
  }
}
