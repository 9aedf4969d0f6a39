// The rule that a host becomes. What its agent says of a probe is published as if the hub had looked itself,
// so that triggers, `vigie pings` and alerts need not know where a probe runs. When the agent is gone, its
// pings are unknown, and one alert says so.
//
// Always: an agent speaks of the probes of its own host only, each message counts once, and the messages
// follow each other in the order in which it said them.

import { z } from 'zod'
import { HOST_PROTOCOL, hostAlertKey } from '../../model/host.ts'
import type { AgentReport, Said } from '../../model/host.ts'
import type { Json } from '../../model/json.ts'
import type { CheckedState, PingReport } from '../../model/probe.ts'
import type { ProcessReport } from '../../model/process.ts'
import { MISSING } from '../../model/watch.ts'
import { alert } from '../authoring/actions/alert.ts'
import type { Action } from '../authoring/actions/action.ts'
import { parallel } from '../authoring/actions/parallel.ts'
import { publish } from '../authoring/actions/publish.ts'
import type { HostOptions } from '../authoring/host.ts'
import type { RuleDefinition } from '../authoring/rule.ts'
import { agentHeard } from '../authoring/triggers/host.ts'
import type { AnyContext } from '../context/context.ts'
import {
  agentReport,
  numbered,
  pingMinute,
  pingReport,
  processReport,
  said,
  shortageReport,
} from './host-shape.ts'

/** A host with the names of what its agent looks at. */
export interface HostSpec extends HostOptions {
  readonly name: string
  readonly pings: ReadonlySet<string>
  readonly watches: ReadonlySet<string>
}

/** Rules of files cannot have such a name. */
export const hostRuleName = (host: string): string => `@host-${host}`

export const hostRule = (spec: HostSpec, root: string): RuleDefinition => ({
  on: agentHeard(spec.name),
  key: () => '',
  mode: 'queued',
  refuses: (context) => whyRefused(context, spec),
  once: ({ params, payload }) => (params['part'] === 'said' ? numbered.parse(payload) : undefined),
  do: (context) =>
    context.params['part'] === 'agent'
      ? agentChanged(context, spec, root)
      : passedOn(context.payload as Said, spec, root),
})

function whyRefused({ event, params, payload }: AnyContext, spec: HostSpec): string | undefined {
  if (event.origin === 'bridge') return 'an agent does not speak over a bridge'
  if (params['part'] === 'agent') return sentenceOf(agentReport.safeParse(payload))
  const parsed = said.safeParse(payload)
  if (!parsed.success) return sentenceOf(parsed)
  const meant = meantBy(parsed.data.topic, spec)
  if (meant === undefined)
    return `"${spec.name}" has no probe that reports on ${JSON.stringify(parsed.data.topic)}`
  return sentenceOf(meant.safeParse(parsed.data.payload))
}

function sentenceOf({ error }: z.ZodSafeParseResult<unknown>): string | undefined {
  const [issue] = error?.issues ?? []
  if (issue === undefined) return undefined
  const path = issue.path.map(String).join('.')
  return `what the agent says is malformed: ${path === '' ? '' : `${path}: `}${issue.message}`
}

/** What is to be reported on a topic; `undefined` when no probe of the host reports there. */
function meantBy(topic: string, { pings, watches }: HostSpec): z.ZodType | undefined {
  const [kind, name = '', last, ...more] = topic.split('/')
  if (more.length > 0) return undefined
  if (kind === 'ping' && pings.has(name))
    return last === undefined ? pingReport : last === 'minute' ? pingMinute : undefined
  if (kind !== 'process' || !watches.has(name) || last === undefined) return undefined
  if (last === MISSING) return shortageReport
  return /^[1-9]\d{0,9}$/.test(last) ? processReport : undefined
}

/** Publishes it under the root, retained where it is the state of a ping. */
function passedOn({ topic, payload }: Said, spec: HostSpec, root: string): Action[] {
  const report = meantBy(topic, spec)!.parse(payload) as Json
  const isProcess = topic.startsWith('process/') && !topic.endsWith(`/${MISSING}`)
  const isState = topic.startsWith('ping/') && !topic.endsWith('/minute')
  const told = isProcess ? placed(report as unknown as ProcessReport, spec.name) : report
  return [publish(`${root}/${topic}`, told, { retain: isState })]
}

/** Whatever acts on the process, or on its parent, acts on the host. */
const placed = (report: ProcessReport, host: string): ProcessReport => ({
  ...report,
  host,
  parent: report.parent && { ...report.parent, host },
})

function agentChanged(context: AnyContext, spec: HostSpec, root: string): Action[] {
  const report = context.payload as AgentReport
  const key = hostAlertKey(spec.name)
  const severity = spec.severity && { severity: spec.severity }
  if (report.state === 'offline')
    return [
      ...unknownPings(context, spec, root, report),
      alert({ key, title: `The agent of ${spec.name} is gone`, body: whatIsLost(spec, report), ...severity }),
    ]
  if (report.protocol !== HOST_PROTOCOL)
    return [
      alert({
        key,
        title: `The agent of ${spec.name} does not fit this hub`,
        body: misfit(report),
        ...severity,
      }),
    ]
  return [alert({ key, title: `The agent of ${spec.name} is here`, resolve: true })]
}

/** All at once: one that cannot be published does not keep the others, nor the alert, from it. */
function unknownPings(context: AnyContext, { name, pings }: HostSpec, root: string, { reason }: AgentReport) {
  if (pings.size === 0) return []
  const since = new Date(context.event.at).toISOString()
  const reports = Array.from(pings, (ping) => {
    const topic = `${root}/ping/${ping}`
    const report: PingReport = {
      state: 'unknown',
      previous: lastKnown(context.last(topic)?.payload),
      since,
      latencyMs: null,
      reason: `the agent of "${name}" is gone: ${reason}`,
    }
    return publish(topic, report, { retain: true })
  })
  return [parallel(reports)]
}

function lastKnown(payload: unknown): CheckedState {
  const { state, previous } = (payload ?? {}) as Partial<PingReport>
  if (state === 'up' || state === 'down') return state
  return previous === 'up' || previous === 'down' ? previous : 'unknown'
}

function whatIsLost({ pings, watches }: HostSpec, { reason }: AgentReport): string {
  const counted = [
    ...(pings.size === 0 ? [] : [pings.size === 1 ? '1 ping' : `${pings.size} pings`]),
    ...(watches.size === 0 ? [] : [watches.size === 1 ? '1 watch' : `${watches.size} watches`]),
  ]
  const lost =
    counted.length === 0 ? '' : ` Until it is back, nothing is known of its ${counted.join(' and ')}.`
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.${lost}`
}

const misfit = ({ version, protocol }: AgentReport): string =>
  `It is vigie ${version} and speaks version ${protocol} of what hub and agents say to each other; ` +
  `this hub speaks version ${HOST_PROTOCOL}. Install the same vigie on both. Until then it runs no probe.`
