// What actions may use of the hub that performs them: its clock and secrets, its topics, its alert channels.

import type { HubPorts } from '../actions/context.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { openChannels } from '../channels/open.ts'
import type { EngineReads } from '../model/store.ts'
import { openSecrets } from '../secrets/secrets.ts'
import { openLinks } from './alerts/links.ts'
import { openTelling } from './alerts/telling.ts'
import type { TellingPorts } from './alerts/telling.ts'
import type { ThreadData } from './protocol.ts'

export interface HubSources extends Pick<HubPorts, 'alerts' | 'foundBy' | 'publish'> {
  readonly data: Pick<
    ThreadData,
    'alerts' | 'dataDir' | 'outputBytes' | 'packetBytes' | 'root' | 'secretsDir'
  >
  readonly clock: Clock
  readonly log: Log
  readonly reads: Pick<EngineReads, 'lastOn'>
  /** What a notification says at this moment; `null` for nothing. */
  readonly content: TellingPorts['content']
}

export const openHubPorts = (sources: HubSources): HubPorts => {
  const { data, clock, log, reads, alerts, content, publish, foundBy } = sources
  return {
    root: data.root,
    clock,
    secrets: openSecrets(process.env, data.secretsDir),
    alerts,
    notify: openTelling({
      channels: openChannels(data.alerts.channels),
      content,
      linksOf: openLinks(data.alerts.url, data.dataDir, log),
    }),
    outputBytes: data.outputBytes,
    packetBytes: data.packetBytes,
    publish,
    foundBy,
    last: (topic) => reads.lastOn(topic, Number.MAX_SAFE_INTEGER)?.payload,
  }
}
