// A TCP connection: made, measured, closed. Nothing is sent.

import type { TargetOf } from '../../model/probe.ts'
import { dial, latencySince } from './dial.ts'
import type { Check } from './check.ts'
import type { ProbeContext } from './probe-context.ts'

export function probeTcp(address: TargetOf<'tcp'>, { signal }: Pick<ProbeContext, 'signal'>): Promise<Check> {
  const begunAt = performance.now()
  return dial(address, { signal }, () => ({ kind: 'good', latencyMs: latencySince(begunAt) }))
}
