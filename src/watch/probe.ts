// Makes one check of one ping: is the other side there, and how fast did it answer?

import { messageOf } from '../base/printable.ts'
import type { PingSpec } from '../model/probe.ts'
import type { Check } from './flip.ts'
import { probeHost } from './probe-host.ts'
import { probeTcp } from './probe-tcp.ts'
import { probeUrl } from './probe-url.ts'
import type { UrlProbeContext } from './probe-url.ts'

/** Never rejects, and ends when the signal is aborted. */
export async function probe({ target, timeoutMs }: PingSpec, context: UrlProbeContext): Promise<Check> {
  try {
    if ('host' in target) return await probeHost(target.host, timeoutMs, context.signal)
    if ('tcp' in target) return await probeTcp(target.tcp, context.signal)
    return await probeUrl(target.request, target.expect, context)
  } catch (error) {
    return { kind: 'failed', reason: messageOf(error) }
  }
}
