// Collects what the engine has decided since its last commit. Several moves of one run or step become one; a
// step that is planned and begun in one draft is written as begun. `take` hands everything over as one
// Change.

import type { Alert, AlertFlip, NotificationRecord, Silence } from '../../model/alert.ts'
import type { RulePause } from '../../model/rule-pause.ts'
import { stepId } from '../../model/run.ts'
import type { Run, Step } from '../../model/run.ts'
import type { Change, RuleState, RunChange, StepChange } from '../../model/store.ts'
import type { Verdict } from '../../model/verdict.ts'

export class Draft {
  #noted = nothing()

  get isEmpty(): boolean {
    return Object.values(this.#noted).every((part) => part === undefined || sizeOf(part) === 0)
  }

  /** Whether the draft holds more than a cursor. */
  get hasDecisions(): boolean {
    return Object.entries(this.#noted).some(
      ([name, part]) => name !== 'cursor' && part !== undefined && sizeOf(part) > 0,
    )
  }

  cursor(upTo: number): void {
    this.#noted.cursor = upTo
  }

  newRun(run: Run, steps: readonly Step[]): void {
    this.#noted.newRuns.set(run.id, { run, steps: new Map(steps.map((step) => [step.path, step])) })
  }

  newStep(step: Step): void {
    const steps = this.#noted.newRuns.get(step.run)?.steps
    if (steps) steps.set(step.path, step)
    else this.#noted.newSteps.set(stepId(step), step)
  }

  run(run: Run): void {
    const planned = this.#noted.newRuns.get(run.id)
    if (planned) planned.run = run
    else this.#noted.runs.set(run.id, run)
  }

  step(step: Step): void {
    const { newRuns, newSteps, steps } = this.#noted
    const planned = newRuns.get(step.run)
    if (planned) planned.steps.set(step.path, step)
    else if (newSteps.has(stepId(step))) newSteps.set(stepId(step), step)
    else steps.set(stepId(step), step)
  }

  ruleState(state: RuleState): void {
    this.#noted.ruleStates.set(`${state.rule}\0${state.key}`, state)
  }

  rulePause(pause: RulePause): void {
    this.#noted.rulePauses.set(pause.rule, pause)
  }

  rulePausePublished({ rule, version }: Pick<RulePause, 'rule' | 'version'>): void {
    this.#noted.rulePausesPublished.push({ rule, version })
  }

  verdict(verdict: Verdict): void {
    this.#noted.verdicts.push(verdict)
  }

  alert(alert: Alert): void {
    this.#noted.alerts.set(alert.key, alert)
  }

  alertFlip(flip: AlertFlip): void {
    this.#noted.alertFlips.push(flip)
  }

  /** @param silence `null`: it is over */
  silence(name: string, silence: Silence | null): void {
    this.#noted.silences.set(name, { name, silence })
  }

  notification(notification: NotificationRecord): void {
    this.#noted.notifications.set(`${notification.channel}\0${notification.subject}`, notification)
  }

  alertPublished({ key, version }: Pick<Alert, 'key' | 'version'>): void {
    this.#noted.alertsPublished.push({ key, version })
  }

  announced(run: number): void {
    this.#noted.announced.push(run)
  }

  take(): Change {
    const { cursor, newRuns, newSteps, runs, steps, ruleStates, verdicts, announced } = this.#noted
    const { alerts, alertFlips, silences, notifications, alertsPublished } = this.#noted
    const { rulePauses, rulePausesPublished } = this.#noted
    this.#noted = nothing()
    return {
      ...(cursor !== undefined && { cursor }),
      ...(newRuns.size > 0 && { newRuns: [...newRuns.values()].map(plannedRun) }),
      ...(newSteps.size > 0 && { newSteps: [...newSteps.values()] }),
      ...(runs.size > 0 && { runs: [...runs.values()].map(runChange) }),
      ...(steps.size > 0 && { steps: [...steps.values()].map(stepChange) }),
      ...(ruleStates.size > 0 && { ruleStates: [...ruleStates.values()] }),
      ...(rulePauses.size > 0 && { rulePauses: [...rulePauses.values()] }),
      ...(rulePausesPublished.length > 0 && { rulePausesPublished }),
      ...(verdicts.length > 0 && { verdicts }),
      ...(announced.length > 0 && { announced }),
      ...(alerts.size > 0 && { alerts: [...alerts.values()] }),
      ...(alertFlips.length > 0 && { alertFlips }),
      ...(silences.size > 0 && { silences: [...silences.values()] }),
      ...(notifications.size > 0 && { notifications: [...notifications.values()] }),
      ...(alertsPublished.length > 0 && { alertsPublished }),
    }
  }
}

interface PlannedRun {
  run: Run
  readonly steps: Map<string, Step>
}

const nothing = () => ({
  cursor: undefined as number | undefined,
  newRuns: new Map<number, PlannedRun>(),
  newSteps: new Map<string, Step>(),
  runs: new Map<number, Run>(),
  steps: new Map<string, Step>(),
  ruleStates: new Map<string, RuleState>(),
  rulePauses: new Map<string, RulePause>(),
  rulePausesPublished: [] as Pick<RulePause, 'rule' | 'version'>[],
  verdicts: [] as Verdict[],
  announced: [] as number[],
  alerts: new Map<string, Alert>(),
  alertFlips: [] as AlertFlip[],
  silences: new Map<string, { readonly name: string; readonly silence: Silence | null }>(),
  notifications: new Map<string, NotificationRecord>(),
  alertsPublished: [] as Pick<Alert, 'key' | 'version'>[],
})

const sizeOf = (part: number | ReadonlyMap<unknown, unknown> | readonly unknown[]): number =>
  typeof part === 'number' ? 1 : 'size' in part ? part.size : part.length

const plannedRun = ({ run, steps }: PlannedRun) => ({ run, steps: [...steps.values()] })

const runChange = ({ id, state, startedAt, endedAt, reason }: Run): RunChange => ({
  id,
  state,
  startedAt,
  endedAt,
  reason,
})

const stepChange = ({ spec, process, ...step }: Step): StepChange => ({
  ...step,
  ...(spec && { spec }),
  ...(process !== undefined && { process }),
})
