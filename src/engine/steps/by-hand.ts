// Changes of a run that an operator asks for. Each has a function here and its name in `RUN_CHANGES`;
// everything between the command line and this file passes the name on.

import type { Event } from '../../model/event.ts'
import type { RunAnswer, RunChange } from '../../model/run.ts'
import type { EngineReads } from '../../model/store.ts'
import type { RuleSet } from '../../rules/compile/rule-set.ts'
import { widthOf } from '../../rules/evaluate/mode.ts'
import { heldEvent } from '../runs/light-event.ts'
import type { Work } from './work.ts'

export interface ByHandPorts {
  readonly reads: Pick<EngineReads, 'run' | 'event'>
  readonly rules: RuleSet
  readonly work: Pick<Work, 'has' | 'retry' | 'cancel' | 'discard' | 'flush'>
  /** See decisions.ts. */
  readonly takeAgain: (rule: string, event: Event) => boolean
}

const CHANGES: Readonly<Record<RunChange, (id: number, ports: ByHandPorts) => Promise<RunAnswer>>> = {
  retry: retryRun,
  cancel: cancelRun,
  discard: discardRun,
}

export const changeRun = (id: number, change: RunChange, ports: ByHandPorts): Promise<RunAnswer> =>
  CHANGES[change](id, ports)

/**
 * Retries a dead run. Each failed step is tried once more, and the steps after it get their turn. A run
 * without steps stands for an event that was set aside: its rule is asked about the event again, and what the
 * rule wants becomes a run of its own.
 */
async function retryRun(id: number, { reads, rules, work, takeAgain }: ByHandPorts): Promise<RunAnswer> {
  const found = reads.run(id)
  if (found === undefined) return no(`There is no run ${id}.`)
  const { run, steps } = found
  if (work.has(id)) return no(`Run ${id} of rule "${run.rule}" is under way already.`)
  if (run.state !== 'dead')
    return no(`Run ${id} of rule "${run.rule}" is ${run.state}; only a dead run can be retried.`)
  const event = reads.event(run.event)
  if (event === undefined)
    return no(`Run ${id} cannot be retried: its event ${run.event} is no longer in the history.`)
  if (steps.length === 0 && !takeAgain(run.rule, event))
    return no(`Run ${id} cannot be retried: no rule "${run.rule}" waits for ${event.topic} any more.`)
  work.retry({ run, steps, event: heldEvent(run, event, reads), width: widthOf(rules.rule(run.rule)) })
  await work.flush()
  return { ok: true }
}

/** Discards a dead run: it counts as cancelled, and no longer as one that somebody has to see to. */
async function discardRun(id: number, { reads, work }: ByHandPorts): Promise<RunAnswer> {
  const found = reads.run(id)
  if (found === undefined) return no(`There is no run ${id}.`)
  const { run, steps } = found
  if (work.has(id))
    return no(`Run ${id} of rule "${run.rule}" is under way; "vigie run cancel ${id}" ends it.`)
  if (run.state !== 'dead')
    return no(`Run ${id} of rule "${run.rule}" is ${run.state}; only a dead run can be discarded.`)
  work.discard({ run, steps, event: reads.event(run.event) }, 'it was discarded by hand')
  await work.flush()
  return { ok: true }
}

/** Cancels a run, and stops the steps that are being performed for it. */
async function cancelRun(id: number, { reads, work }: ByHandPorts): Promise<RunAnswer> {
  if (!work.has(id)) {
    const found = reads.run(id)
    if (found === undefined) return no(`There is no run ${id}.`)
    if (found.run.state === 'planned' || found.run.state === 'running')
      return no(
        `Run ${id} of rule "${found.run.rule}" is not taken up yet after the start; try again in a while.`,
      )
    return no(`Run ${id} of rule "${found.run.rule}" has ended: it is ${found.run.state}.`)
  }
  work.cancel(id, 'it was cancelled by hand')
  await work.flush()
  return { ok: true }
}

const no = (reason: string): RunAnswer => ({ ok: false, reason })
