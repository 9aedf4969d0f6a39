// What actions may use of the hub that performs them: its clock and secrets, its topics, its alert channels.

import type { HubPorts } from '../actions/context.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { EngineReads } from '../model/store.ts'
import { openLinks } from './alerts/links.ts'
import { openTelling } from './alerts/telling.ts'
import type { TellingPorts } from './alerts/telling.ts'
import type { ThreadData } from './protocol.ts'

export interface HubSources extends Pick<HubPorts, 'alerts' | 'foundBy' | 'publish' | 'secrets'> {
  readonly data: Pick<ThreadData, 'alerts' | 'dataDir' | 'outputBytes' | 'packetBytes' | 'root'>
  readonly clock: Clock
  readonly log: Log
  readonly reads: Pick<EngineReads, 'lastOn'>
  readonly channels: TellingPorts['channels']
  /** What a notification says at this moment; `null` for nothing. */
  readonly content: TellingPorts['content']
}

export const openHubPorts = (sources: HubSources): HubPorts => {
  const { data, clock, log, reads, alerts, content, publish, foundBy, secrets, channels } = sources
  return {
    root: data.root,
    clock,
    secrets,
    alerts,
    notify: openTelling({
      channels,
      content,
      linksOf: openLinks(data.alerts.url, data.dataDir, log),
      dataDir: data.dataDir,
    }),
    outputBytes: data.outputBytes,
    packetBytes: data.packetBytes,
    publish,
    foundBy,
    last: (topic) => reads.lastOn(topic, Number.MAX_SAFE_INTEGER)?.payload,
  }
}
