// Runs of the hub's own: one step each, planned in the change at hand, without a rule. Alerts are told in them,
// and commands answered. Also: who has given a command.

import type { ActionSpec, RetrySpec } from '../../model/action.ts'
import type { Event } from '../../model/event.ts'
import { jsonIn } from '../../model/hub-message.ts'
import type { JsonObject } from '../../model/json.ts'
import type { EngineReads } from '../../model/store.ts'
import { replyTo } from '../../rules/authoring/actions/reply.ts'
import { seenEvent } from '../../rules/context/seen-event.ts'
import { topicLevel } from '../../topics/escape.ts'
import type { Draft } from '../runs/draft.ts'
import { lightened } from '../runs/light-event.ts'
import { newStep } from '../runs/open-run.ts'
import type { Work } from './work.ts'

/** How long one attempt of such a step may take. */
export const OWN_STEP_MS = 30_000
const ANSWER_RETRY: RetrySpec = { attempts: 5, minMs: 1_000, maxMs: 60_000 }

export interface OwnRunPorts {
  readonly draft: Draft
  readonly work: Pick<Work, 'add'>
  readonly nextRunId: () => number
  readonly reads: Pick<EngineReads, 'event'>
}

export class OwnRuns {
  readonly #rule: string
  readonly #ports: OwnRunPorts

  /** @param rule in whose name they run; files cannot have it */
  constructor(rule: string, ports: OwnRunPorts) {
    this.#rule = rule
    this.#ports = ports
  }

  /** Plans a run and returns its id. */
  plan(key: string, event: Event, spec: ActionSpec, at: number): number {
    const { draft, work, nextRunId, reads } = this.#ports
    const run = {
      id: nextRunId(),
      rule: this.#rule,
      key,
      event: event.id,
      state: 'planned',
      plannedAt: at,
      startedAt: null,
      endedAt: null,
      reason: null,
    } as const
    const steps = [newStep(run.id, '0', spec)]
    draft.newRun(run, steps)
    work.add({ run, steps, event: lightened(event, reads), width: Infinity })
    return run.id
  }

  /**
   * Answers a command on its response topic, or for clients of MQTT 3.1.1 on the topic of the command with
   * `/result` behind it.
   */
  answer(event: Event, answer: JsonObject): void {
    const text = JSON.stringify(answer)
    const reply = replyTo(seenEvent(event), { text })
    const publish = reply ?? {
      kind: 'publish',
      topic: `${event.topic}/result`,
      payload: { text },
      qos: 1,
      retain: false,
    }
    const spec = { ...publish, timeoutMs: OWN_STEP_MS, retry: ANSWER_RETRY } as ActionSpec
    this.plan(`answer/${event.id}`, event, spec, event.at)
  }
}

/**
 * The user of the client that has published a message, as the hub said when the client connected; `null` for
 * none. A will gives no proof of it.
 */
export function userOf(
  { id, client, origin }: Event,
  root: string,
  reads: Pick<EngineReads, 'lastOn'>,
): string | null {
  if (client === null || origin !== 'live') return null
  const presence = jsonIn(reads.lastOn(`${root}/clients/${topicLevel(client)}`, id)?.payload)
  const { user } = (presence ?? {}) as { readonly user?: unknown }
  return typeof user === 'string' ? user : null
}
