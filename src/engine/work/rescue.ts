// Takes up what an engine before this one has left open. Runs go on where they were: waiting steps wait for the rest of their
// time, steps that were being performed are performed again, once what they had started is no longer there.

import { endStep } from '../../actions/leftover.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Event } from '../../model/event.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { Step } from '../../model/run.ts'
import type { EngineReads } from '../../model/store.ts'
import type { RuleSet } from '../../rules/rule-set.ts'
import { widthOf } from '../../rules/mode.ts'
import type { Draft } from '../runs/draft.ts'
import { fromHead } from '../runs/light-event.ts'
import { OpenRun } from '../runs/open-run.ts'
import { stepId } from '../../model/run.ts'
import type { StepRef } from '../../model/run.ts'
import type { Work } from './work.ts'

/** Between SIGTERM and SIGKILL, for a command that outlived its hub. */
const GRACE_MS = 5_000

export interface RescuePorts {
  readonly reads: Pick<EngineReads, 'openRuns' | 'event' | 'eventHead'>
  readonly rules: RuleSet
  readonly work: Pick<Work, 'add' | 'settled'>
  /** Takes the end of runs that cannot go on; they are told like all that ended before this start. */
  readonly draft: Draft
  readonly clock: Clock
  readonly log: Log
  /** A sign of life, to be given now and then: a hundred thousand runs take seconds. */
  readonly getsOn: () => void
  /** Steps that an engine which was replaced still performs. */
  readonly elsewhere: readonly StepRef[]
  /** The engine before this one died while the hub went on, and nobody knows why: its calls may be the reason. */
  readonly predecessorDied: boolean
}

/** Resolves when the commands that were left behind are gone, or cannot be ended; runs are taken up at once. */
export async function rescue(ports: RescuePorts): Promise<void> {
  const { reads, rules, work, draft, clock, log, getsOn, elsewhere } = ports
  const performed = new Set(elsewhere.map(stepId))
  const isInterrupted = (step: Step): boolean =>
    step.state === 'running' && step.spec?.kind !== 'parallel' && !performed.has(stepId(step))
  const interrupted: { readonly step: Step; readonly event: Event }[] = []
  const abandoned: Step[] = []
  for (const { run, steps } of reads.openRuns()) {
    getsOn()
    const head = reads.eventHead(run.event)
    if (head === undefined) {
      const open = new OpenRun(run, steps, draft)
      open.fail(`its event ${run.event} is no longer in the history`, clock.now())
      log.error(
        { run: run.id },
        `Run ${run.id} of rule "${run.rule}" is dead: it cannot go on, since its event ${run.event} is no longer in the history.`,
      )
      abandoned.push(...steps.filter(isInterrupted))
      continue
    }
    const event = fromHead(head, reads)
    work.add({ run, steps, event, width: widthOf(rules.rule(run.rule)) })
    for (const step of steps.filter(isInterrupted)) interrupted.push({ step, event })
  }
  if (interrupted.length > 0)
    log.warn(
      interrupted.length === 1
        ? 'A step was under way when the engine ended; it is done again.'
        : `${interrupted.length} steps were under way when the engine ended; they are done again.`,
    )
  await Promise.all([
    ...interrupted.map(({ step, event }) => giveBack(step, event, ports)),
    ...abandoned.map((step) => endLeftovers(step, null, ports)),
  ])
}

async function giveBack(step: Step, event: Event, ports: RescuePorts): Promise<void> {
  const { work, predecessorDied } = ports
  await endLeftovers(step, event, ports)
  const blamed = predecessorDied && step.spec?.kind === 'call'
  await work.settled(step, blamed ? ENGINE_DIED : null)
}

async function endLeftovers(step: Step, event: Event | null, { clock, log }: RescuePorts): Promise<void> {
  if (step.spec?.kind !== 'shell') return
  const name = event && { run: step.run, step: step.path, event }
  for (const { pid, how, why } of await endStep(name, step.process ?? null, { graceMs: GRACE_MS, clock }))
    if (how === 'survived' || how === 'spared')
      log.warn(`Process ${pid} of run ${step.run} has outlived the hub, and goes on: ${why}.`)
    else if (how !== 'gone')
      log.warn(`Process ${pid} of run ${step.run} had outlived the hub; it was ended (${how}).`)
}

/** Counts as an attempt, so that a function which takes the engine down does not do so for ever. */
const ENGINE_DIED: Outcome = { kind: 'retry', reason: 'the engine died while the function ran' }
