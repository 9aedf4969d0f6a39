// Checks a ping, and makes of it what the pinger takes, or the list of what is wrong with it.

import { messageOf } from '../../base/printable.ts'
import { parseDuration } from '../../base/quantities.ts'
import type { PingSpec, UrlExpectation } from '../../model/probe.ts'
import type { PingOptions } from '../authoring/ping.ts'
import { REQUEST_KINDS, requestSpec } from '../authoring/actions/request.ts'
import { addressOf, pingShape } from './ping-shape.ts'
import { problem, problemsOf } from './problem.ts'
import type { Problem, Spot } from './problem.ts'

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
