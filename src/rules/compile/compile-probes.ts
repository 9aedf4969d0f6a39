// Checks pings and watches, and makes of each what the watchers take, or the list of what is wrong with it.

import { messageOf } from '../../base/printable.ts'
import { parseDuration, parseSize } from '../../base/quantities.ts'
import type { ProcessReport } from '../../model/process.ts'
import type { PingSpec, UrlExpectation, WatchSpec } from '../../model/probe.ts'
import type { PingOptions } from '../authoring/ping.ts'
import type { RuleDefinition } from '../authoring/rule.ts'
import { REQUEST_KINDS, requestSpec } from '../authoring/actions/request.ts'
import { processSelector } from '../authoring/actions/selector.ts'
import { processSeen } from '../authoring/triggers/process.ts'
import { addressOf, pingShape, watchShape } from './probe-shapes.ts'
import { problem, problemsOf } from './problem.ts'
import type { Problem, Spot } from './problem.ts'
import type { WatchContext, WatchOptions } from '../authoring/watch.ts'

export function compilePing(name: string, options: PingOptions, spot: Spot): PingSpec | readonly Problem[] {
  const parsed = pingShape.safeParse(options)
  if (!parsed.success) return problemsOf(spot, parsed.error, pingShape)
  const targets = ['host', 'tcp', 'url'].filter((key) => key in options)
  if (targets.length !== 1)
    return [
      problem(spot, `expected one of host, tcp and url, got ${targets.join(' and ') || 'none of them'}`),
    ]
  const alien = ['expect', ...Object.keys(REQUEST_KINDS)].find((key) => key in options)
  if (alien !== undefined && !('url' in options)) return [problem(spot, `${alien}: it belongs to url`)]
  const { every = '30s', timeout = '5s', fails = 3, recovers = 2 } = options
  try {
    return {
      name,
      target: targetOf(options),
      everyMs: parseDuration(every),
      timeoutMs: parseDuration(timeout),
      fails,
      recovers,
    }
  } catch (error) {
    return [problem(spot, messageOf(error))]
  }
}

function targetOf(options: PingOptions): PingSpec['target'] {
  const { host, tcp, url, expect = {} } = options
  if (host !== undefined) return { host }
  if (tcp !== undefined) return { tcp: addressOf(tcp) as { host: string; port: number } }
  const request = requestSpec('url', url, options, 'GET')
  if (expect.body && request.method === 'HEAD')
    throw new TypeError('expect: body: the answer to a HEAD request has none')
  return { request, expect: expectationOf(expect) }
}

function expectationOf({ status, body, certificate }: NonNullable<PingOptions['expect']>): UrlExpectation {
  return {
    ...(status !== undefined && { status: [status].flat() }),
    ...(body && { body: { source: body.source, flags: body.flags } }),
    ...(certificate !== undefined && { certificateMs: parseDuration(certificate) }),
  }
}

/** A watch is a probe, and a rule on what it reports. */
export function compileWatch(
  name: string,
  options: WatchOptions,
  spot: Spot,
): { readonly spec: WatchSpec; readonly rule: RuleDefinition } | readonly Problem[] {
  const parsed = watchShape.safeParse(options)
  if (!parsed.success) return problemsOf(spot, parsed.error, watchShape)
  const { process = {}, state, cpu, memory, age, count, do: act } = options
  const lengths = [options.for, cpu?.for, memory?.for, count?.for].filter((each) => each !== undefined)
  if (new Set(lengths.map(parseDuration)).size > 1)
    return [problem(spot, 'for: all conditions hold for one length; give it once')]
  if (!(state ?? cpu ?? memory ?? age ?? count))
    return [problem(spot, 'expected a condition: one of state, cpu, memory, age and count')]
  try {
    const spec: WatchSpec = {
      name,
      select: processSelector('process', process),
      ...(state && { state }),
      ...(cpu && { cpuAbove: cpu.above }),
      ...(memory && { memoryAboveBytes: parseSize(memory.above) }),
      ...(age && { ageAboveMs: parseDuration(age.above) }),
      ...(count && { countAbove: count.above }),
      forMs: parseDuration(lengths[0] ?? '0s'),
    }
    return { spec, rule: ruleOf(name, act) }
  } catch (error) {
    return [problem(spot, messageOf(error))]
  }
}

const ruleOf = (name: string, act: WatchOptions['do']): RuleDefinition => ({
  on: processSeen(name),
  do: (context) =>
    act(Object.create(context, { process: { get: () => context.payload as ProcessReport } }) as WatchContext),
})
