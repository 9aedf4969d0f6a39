// Runs a run once more by hand, as a new run: from one of its steps on, with what the steps before have given, and if
// somebody wants that, with another payload than its event has. The rule as it is now says what is to be done.

import type { Clock } from '../../base/clock.ts'
import type { Event } from '../../model/event.ts'
import type { FiringDetails, RerunAnswer, RerunOrder, Run, Step } from '../../model/run.ts'
import type { EngineReads } from '../../model/store.ts'
import type { Match } from '../../rules/compile/compiled-rule.ts'
import type { RuleSet } from '../../rules/compile/rule-set.ts'
import { widthOf } from '../../rules/evaluate/mode.ts'
import { checkedPlan } from '../../rules/evaluate/plan.ts'
import type { Plan } from '../../rules/evaluate/plan.ts'
import type { UserCode } from '../contain/user-code.ts'
import type { Draft } from '../runs/draft.ts'
import { heldEvent } from '../runs/light-event.ts'
import { newStep } from '../runs/open-run.ts'
import { weigh } from '../runs/weight.ts'
import { occasionOf } from './occasions.ts'
import type { Work } from './work.ts'

export interface RerunPorts {
  readonly rules: RuleSet
  readonly reads: Pick<EngineReads, 'run' | 'event' | 'lastOn'>
  readonly draft: Draft
  readonly work: Pick<Work, 'has' | 'add'>
  readonly userCode: UserCode
  readonly clock: Clock
  readonly nextRunId: () => number
  /** The largest packet that a rule may publish. */
  readonly packetBytes: number
}

/** Plans the new run; it is in the draft, and `flush` of the work begins it. */
export function rerun(id: number, order: RerunOrder, ports: RerunPorts): RerunAnswer {
  const found = ports.reads.run(id)
  if (found === undefined) return no(`There is no run ${id}.`)
  const { run, steps } = found
  const place = Number(order.from)
  const reason = whyNot(run, steps, order, ports) ?? whyNotFrom(place, run, steps)
  if (reason !== undefined) return no(reason)
  const event = ports.reads.event(run.event)
  if (event === undefined)
    return no(`Run ${id} cannot be run again: its event ${run.event} is no longer in the history.`)
  const match = ports.rules.matchOf(run.rule, event.topic)
  if (match === undefined)
    return no(`Run ${id} cannot be run again: no rule "${run.rule}" waits for ${event.topic} any more.`)
  return begin({ run, steps, place, event, match }, order, ports)
}

interface Again {
  readonly run: Run
  readonly steps: readonly Step[]
  /** The place of the first step that is performed. */
  readonly place: number
  readonly event: Event
  readonly match: Match
}

function begin(
  { run, steps, place, event, match }: Again,
  order: RerunOrder,
  ports: RerunPorts,
): RerunAnswer {
  const { rules, reads, draft, work, clock, nextRunId } = ports
  const details = detailsOf(run, order)
  const again: Run = {
    id: nextRunId(),
    rule: run.rule,
    key: run.key,
    event: run.event,
    state: 'planned',
    plannedAt: clock.now(),
    startedAt: null,
    endedAt: null,
    reason: null,
    details,
  }
  const held = heldEvent(again, event, reads)
  const planned = planOf(match, held, again, ports)
  if (!planned.ok) return no(`Run ${run.id} cannot be run again: ${planned.reason}.`)
  const kept = steps.filter(({ path }) => Number.parseInt(path) < place)
  const other = planned.steps.slice(0, place).find(({ spec }, index) => {
    const before = kept.find(({ path }) => path === String(index))?.spec
    return spec !== null && before?.kind !== spec.kind
  })
  if (other !== undefined || planned.steps.length <= place)
    return no(
      `The rule "${run.rule}" has changed since run ${run.id}: it does not lead to step ${place} as it did. ` +
        'Run it again from the beginning.',
    )
  const all = [
    ...kept.map((step) => ({ ...step, run: again.id })),
    ...planned.steps.slice(place).map(({ path, spec }) => newStep(again.id, path, spec)),
  ]
  draft.newRun(again, all)
  work.add({ run: again, steps: all, event: held, width: widthOf(rules.rule(run.rule)) })
  return { ok: true, run: again.id }
}

/** What a stage made of the event gives way to another payload. */
function detailsOf({ id, details }: Run, { from, input, by }: RerunOrder): FiringDetails {
  const { payload, input: before, ...others } = details ?? {}
  const rerunOf = { run: id, from, by: by ?? null }
  if (input !== undefined) return { ...others, input, rerun: rerunOf }
  return {
    ...others,
    ...(payload !== undefined && { payload }),
    ...(before !== undefined && { input: before }),
    rerun: rerunOf,
  }
}

function planOf(match: Match, event: Event, run: Run, { reads, userCode, packetBytes }: RerunPorts): Plan {
  const { rule } = match
  return userCode.within(rule.name, () => {
    const planned = checkedPlan(occasionOf(match, event, { at: run.plannedAt, details: run.details }, reads))
    if (!planned.ok) return planned
    const specs = planned.steps.map(({ spec }) => spec)
    const { problem } = weigh(rule, 'do', specs, packetBytes)
    return problem === undefined ? planned : { ok: false, reason: problem }
  })
}

function whyNot(
  { id, rule: name, state }: Run,
  steps: readonly Step[],
  { from }: RerunOrder,
  { rules, work, userCode }: RerunPorts,
): string | undefined {
  if (name.startsWith('@')) return `Run ${id} is one of the hub's own; only runs of rules are run again.`
  if (work.has(id) || state === 'planned' || state === 'running')
    return `Run ${id} of rule "${name}" is under way; cancel it, or wait until it has ended.`
  if (state === 'dry' || rules.rule(name)?.dryRun === true)
    return `Run ${id} of rule "${name}" is of a dry run: nothing of it is performed.`
  if (userCode.isQuarantined(name)) return `The rule "${name}" is quarantined.`
  if (steps.length === 0)
    return `Run ${id} has no steps: it stands for an event that was set aside. Retry it.`
  return /^\d{1,6}$/.test(from)
    ? undefined
    : `${JSON.stringify(from)} is no step to begin from: that is one of the first row, such as 0 or 2.`
}

/** The steps before must have given their results, or been left out. */
function whyNotFrom(place: number, { id }: Run, steps: readonly Step[]): string | undefined {
  const top = steps.filter(({ path }) => /^\d+$/.test(path))
  if (place >= top.length) return `Run ${id} has no step ${place}; its last one is step ${top.length - 1}.`
  const open = top.find(({ path, state }) => Number(path) < place && state !== 'done' && state !== 'skipped')
  return open === undefined
    ? undefined
    : `Step ${open.path} of run ${id} is ${open.state}, so nothing can begin behind it; begin from step ${open.path}.`
}

const no = (reason: string): RerunAnswer => ({ ok: false, reason })
