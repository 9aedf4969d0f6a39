// One check of one ping: is it there, and how fast did it answer? One file for each kind of target.

import { messageOf } from '../../base/printable.ts'
import type { PingKind, PingSpec, PingTarget, TargetOf } from '../../model/probe.ts'
import type { Check } from './check.ts'
import type { ProbeContext } from './probe-context.ts'
import { probeCommand } from './command.ts'
import { probeDns } from './dns.ts'
import { probeHost } from './host.ts'
import { probeMqtt } from './mqtt.ts'
import { probeNtp } from './ntp.ts'
import { probeSmtp } from './smtp.ts'
import { probeTcp } from './tcp.ts'
import { probeUnit } from './unit.ts'
import { probeUrl } from './url.ts'
import { probeWebSocket } from './web-socket.ts'

type Probes = {
  readonly [Kind in PingKind]: (target: TargetOf<Kind>, context: ProbeContext) => Promise<Check>
}

const PROBES: Probes = {
  host: probeHost,
  tcp: probeTcp,
  url: probeUrl,
  dns: probeDns,
  mqtt: probeMqtt,
  ntp: probeNtp,
  smtp: probeSmtp,
  webSocket: probeWebSocket,
  unit: probeUnit,
  command: probeCommand,
}

/** Never rejects, and ends when the signal is aborted, which is for whatever began to end. */
export async function probe({ target }: PingSpec, context: ProbeContext): Promise<Check> {
  try {
    return await (PROBES[target.kind] as (target: PingTarget, context: ProbeContext) => Promise<Check>)(
      target,
      context,
    )
  } catch (error) {
    return { kind: 'failed', reason: messageOf(error) }
  }
}

/** Whether a check is a process of its own. */
export const isProgram = ({ kind }: PingTarget): boolean =>
  kind === 'host' || kind === 'unit' || kind === 'command'

/** How long a check may take: its timeout, and the time that it waits for a message. */
export const limitMs = ({ timeoutMs, target }: PingSpec): number =>
  timeoutMs + (target.kind === 'mqtt' ? (target.fresh?.withinMs ?? 0) : 0)
