// The hub's own alerts about runs: one for each rule with dead runs, and one for each channel that fails. The
// next run that succeeds resolves it; that of a rule also ends with the last dead run that is discarded.

import { ALERT_RULE } from '../../model/run.ts'
import { channelAlertKey } from '../../model/alert.ts'
import type { Publication } from '../../model/event.ts'
import { hubMessage } from '../../model/hub-message.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Run, Step } from '../../model/run.ts'
import { alertCommandTopic } from '../../topics/alert-topic.ts'
import { causeOf } from './complaints.ts'

export interface RunAlertPorts {
  readonly root: string
  /** Whether a command to resolve the alert of this key may change something. */
  readonly mayBeOpen: (key: string) => boolean
  /** Whether a run of this rule is dead still. */
  readonly hasDead: (rule: string) => boolean
}

/** Returns the commands that the end of a run gives. */
export const openRunAlerts =
  ({ root, mayBeOpen, hasDead }: RunAlertPorts) =>
  (run: Run, steps: readonly Step[], depth: number): readonly Publication[] => {
    const about = aboutOf(run, steps)
    if (about === null) return []
    const { key, raised } = about
    const say = (verb: string, payload: JsonObject): Publication =>
      hubMessage(alertCommandTopic(key, verb, root), payload, {
        cause: { event: run.event, run: run.id, depth },
      })
    // The end of a run that is announced twice counts once.
    const step = `${run.id} ${run.endedAt}`
    if (run.state === 'dead') return [say('raise', { ...raised, body: bodyOf(run, steps), step })]
    if (!mayBeOpen(key)) return []
    if (run.state === 'done') return [say('resolve', { step })]
    const isLastDiscarded = run.state === 'cancelled' && run.rule !== ALERT_RULE && !hasDead(run.rule)
    return isLastDiscarded ? [say('resolve', { step, title: 'No run is dead any more' })] : []
  }

interface About {
  readonly key: string
  readonly raised: JsonObject
}

function aboutOf({ rule }: Run, [step]: readonly Step[]): About | null {
  if (rule !== ALERT_RULE) {
    const title = `A run of the rule "${rule}" is dead`
    return { key: `runs/${rule}`, raised: { title, severity: 'warning', labels: { rule } } }
  }
  if (step?.spec?.kind !== 'notify') return null
  const { channel } = step.spec
  // Nothing was told: that says nothing of the channel.
  if (step.outcome?.kind === 'done' && step.outcome.result['told'] === null) return null
  const title = `The alert channel "${channel}" fails`
  return { key: channelAlertKey(channel), raised: { title, severity: 'critical', labels: { channel } } }
}

const bodyOf = ({ id, reason }: Run, steps: readonly Step[]): string =>
  `Run ${id}: ${reason ?? causeOf(steps)}. "vigie run show ${id}" tells more, "vigie run retry ${id}" tries ` +
  'it again.'
