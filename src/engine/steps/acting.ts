// Performs a claimed step: hands it to the action, or calls the function of the rule file that a `call`
// means.

import type { ActionContext, HubPorts } from '../../actions/context.ts'
import { stepKey, TimedOut } from '../../actions/context.ts'
import { perform } from '../../actions/perform.ts'
import { messageOf } from '../../base/printable.ts'
import { formatDuration, formatSize } from '../../base/quantities.ts'
import type { ActionSpec } from '../../model/action.ts'
import { DEEPEST_JSON, isTooDeep } from '../../model/json.ts'
import type { Json, JsonObject } from '../../model/json.ts'
import type { Outcome } from '../../model/outcome.ts'
import type { CallFunction } from '../../rules/authoring/actions/action.ts'
import { resultsOf } from './occasions.ts'
import type { Occasions } from './occasions.ts'
import type { UserCode } from '../contain/user-code.ts'
import type { Claim } from './work.ts'

/** The largest result of a function, in bytes of JSON; it is stored with the step. */
const LARGEST_RESULT = 65_536

export function openActing(occasions: Occasions, userCode: UserCode, hub: HubPorts) {
  const act = (claim: Claim): Promise<Outcome> => {
    const { run, event, path, spec, attempt, ending, started } = claim
    const { id, rule } = run.run
    if (spec.kind === 'call') return performCall(claim, occasions.callAt(run, event, path), userCode, hub)
    if (hasPattern(spec) && userCode.isQuarantined(rule))
      return Promise.resolve({ kind: 'give-up', reason: `The rule "${rule}" is quarantined.` })
    const context: ActionContext = {
      event,
      params: occasions.paramsOf(run, event),
      rule,
      run: id,
      step: path,
      attempt,
      wasCutOff: run.step(path).cutOffs > 0,
      ending,
      within: (code) => userCode.within(rule, code),
      started,
      hub,
    }
    return perform(spec, context)
  }
  /** Performs an attempt. Never rejects: a step without an outcome would run for ever. */
  return async (claim: Claim): Promise<Outcome> => {
    try {
      return await act(claim)
    } catch (error) {
      return { kind: 'retry', reason: `${claim.spec.kind} failed: ${messageOf(error)}` }
    }
  }
}

/**
 * Whether the action runs a pattern of the rule on an answer, or on the command lines of processes. The
 * pattern may never come to an end.
 */
function hasPattern(spec: ActionSpec): boolean {
  if (spec.kind === 'webhook') return spec.expect?.body !== undefined
  const target = 'target' in spec ? spec.target : 'stop' in spec ? spec.stop : undefined
  return target !== undefined && 'select' in target && target.select.commandLine !== undefined
}

async function performCall(
  { run, event, path, spec, attempt, ending }: Claim,
  fn: CallFunction | Error,
  userCode: UserCode,
  { clock }: HubPorts,
): Promise<Outcome> {
  if (fn instanceof Error) return { kind: 'give-up', reason: fn.message }
  const { id, rule } = run.run
  const { signal } = ending
  const cancel = clock.after(spec.timeoutMs, () =>
    ending.abort(new TimedOut(`timed out after ${formatDuration(spec.timeoutMs)}`)),
  )
  const key = stepKey({ run: id, step: path, event })
  try {
    const answer = userCode.within(rule, () => fn({ signal, results: resultsOf(run), attempt, key }))
    const value = await Promise.race([answer, rejection(signal)])
    return userCode.within(rule, () => kept(value))
  } catch (error) {
    return { kind: 'retry', reason: userCode.within(rule, () => `call failed: ${messageOf(error)}`) }
  } finally {
    cancel()
  }
}

/** Ends the attempt even if the function ignores its signal: nobody waits for it. */
const rejection = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })

function kept(value: unknown): Outcome {
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) return { kind: 'done', result: {} }
  if (text.length > LARGEST_RESULT) {
    const reason = `call returned ${formatSize(text.length)} of JSON; at most ${formatSize(LARGEST_RESULT)} is kept`
    return { kind: 'give-up', reason }
  }
  const json = JSON.parse(text) as Json
  if (isTooDeep(json))
    return { kind: 'give-up', reason: `call returned JSON that is nested deeper than ${DEEPEST_JSON} levels` }
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json)
  return { kind: 'done', result: isObject ? (json as JsonObject) : { value: json } }
}
