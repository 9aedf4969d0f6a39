// Puts together the parts that plan and work, once for both engines: that of a hub (core.ts), and that in
// virtual time. The two differ in what they hand in: the clock, the store, who performs the actions, and who
// hears of ends and failures.

import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { AlertSettings } from '../model/alert-settings.ts'
import type { Event } from '../model/event.ts'
import type { Outcome } from '../model/outcome.ts'
import type { RerunAnswer, RerunOrder } from '../model/run.ts'
import type { EngineReads } from '../model/store.ts'
import type { Verdict } from '../model/verdict.ts'
import { isOwnRule } from '../rules/compile.ts'
import type { RuleSet } from '../rules/compile/rule-set.ts'
import { AlertBook } from './alerts/alert-book.ts'
import type { AlertBookPorts } from './alerts/alert-book.ts'
import type { UserCode } from './contain/user-code.ts'
import { Decisions } from './plan/decisions.ts'
import type { DecisionPorts } from './plan/decisions.ts'
import { rememberTold, untoldDowntimes } from './plan/downtime.ts'
import type { RuleMemory } from './plan/rule-memory.ts'
import { RulePauses } from './plan/rule-pauses.ts'
import type { RulePausePorts } from './plan/rule-pauses.ts'
import type { SequencePorts } from './plan/sequence.ts'
import type { WorkLimits } from './protocol.ts'
import type { Draft } from './runs/draft.ts'
import { Occasions } from './steps/occasions.ts'
import { rerun } from './steps/rerun.ts'
import { Work } from './steps/work.ts'
import type { Claim, WorkPorts } from './steps/work.ts'

export interface AssemblyPorts
  extends
    Pick<WorkPorts, 'commit' | 'abortElsewhere' | 'passOn' | 'lookAtClock' | 'random'>,
    Pick<DecisionPorts, 'isRecalled' | 'setAside' | 'deadLetter' | 'packetBytes'> {
  readonly rules: RuleSet
  readonly reads: Pick<EngineReads, 'event' | 'lastOn' | 'run' | 'lastRunId' | 'downtimes'> &
    AlertBookPorts['reads'] &
    RulePausePorts['reads']
  readonly alerts: AlertSettings
  readonly log: Log
  readonly clock: Clock
  readonly userCode: UserCode
  readonly draft: Draft
  /** The rules' memory; it has been read from the store. */
  readonly memory: RuleMemory
  readonly limits: WorkLimits
  /** Performs one attempt of a step. Never rejects. */
  readonly perform: (occasions: Occasions) => (claim: Claim) => Promise<Outcome>
  /** A run has ended; the end is in the draft. */
  readonly ended: WorkPorts['ended']
  /** An event that was set aside has made a dead run. */
  readonly refused: DecisionPorts['ended']
  /** The code of a rule failed. */
  readonly failed: (verdict: Verdict) => void
  readonly deadLetter: (rule: string, event: Event) => void
  /** The pause of a rule is over; the engine acts for the rule again. */
  readonly resumed: (rule: string) => void
}

export interface Assembly {
  readonly work: Work
  readonly decisions: Decisions
  readonly alerts: AlertBook
  readonly pauses: RulePauses
  /** See steps/rerun.ts. */
  readonly rerun: (id: number, order: RerunOrder) => RerunAnswer
  /** The ports of the sequence, except those that the assembly provides. */
  readonly sequence: SequencePorts
}

export function assemble(ports: AssemblyPorts): Assembly {
  const { rules, reads, clock, userCode, draft, memory } = ports
  const occasions = new Occasions(rules, reads, userCode, ports.packetBytes)
  const work = new Work(
    {
      clock,
      draft,
      commit: ports.commit,
      perform: ports.perform(occasions),
      decide: (open, event, path) => occasions.decide(open, event, path),
      ended: (open, event) => {
        alerts.ended(open)
        ports.ended(open, event)
      },
      abortElsewhere: ports.abortElsewhere,
      passOn: ports.passOn,
      ...(ports.lookAtClock && { lookAtClock: ports.lookAtClock }),
      random: ports.random,
    },
    ports.limits,
  )
  let lastRunId = reads.lastRunId()
  const nextRunId = (): number => ++lastRunId
  const alerts = new AlertBook({
    root: rules.root,
    settings: ports.alerts,
    clock,
    log: ports.log,
    draft,
    work,
    nextRunId,
    reads,
    setAside: ports.setAside,
  })
  alerts.restore()
  const pauses = new RulePauses({
    root: rules.root,
    log: ports.log,
    draft,
    work,
    nextRunId,
    reads,
    ruleNames: rules.rules
      .map(({ name }) => name)
      .filter((name) => !isOwnRule(name) && !rules.commands.includes(name)),
    setAside: ports.setAside,
    ended(rule, fromAt, toAt) {
      decisions.resume(rule, fromAt, toAt)
      ports.resumed(rule)
    },
  })
  pauses.restore()
  const decisions = new Decisions({
    rules,
    reads,
    memory,
    draft,
    work,
    userCode,
    clock,
    pauseOf: (rule) => pauses.of(rule),
    ...(ports.isRecalled && { isRecalled: ports.isRecalled }),
    packetBytes: ports.packetBytes,
    nextRunId,
    failed: ports.failed,
    setAside: ports.setAside,
    ended: ports.refused,
    deadLetter: ports.deadLetter,
  })
  return {
    work,
    decisions,
    alerts,
    pauses,
    rerun: (id, order) =>
      rerun(id, order, {
        rules,
        reads,
        draft,
        work,
        userCode,
        clock,
        nextRunId,
        packetBytes: ports.packetBytes,
      }),
    sequence: {
      root: rules.root,
      memory,
      decisions,
      alerts,
      pauses,
      downtimes: untoldDowntimes(reads, memory),
      downtimeTaken: (downtime) => rememberTold(downtime, memory),
    },
  }
}
