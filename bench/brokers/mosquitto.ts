// Mosquitto as fast and as complete as it gets: nothing kept on disk, and queues without a limit, since by
// default it silently drops acknowledged QoS 1 messages when many publishers send to one subscriber.
// Nagle's algorithm stays on (its default): without it, Mosquitto loses up to two thirds of its rate under
// load.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { findFreePort, startBroker } from './broker.ts'
import type { Broker } from './broker.ts'

// Debian installs it where an ordinary user's PATH does not lead.
process.env.PATH += `${delimiter}/usr/sbin${delimiter}/usr/local/sbin`

export const mosquitto: Broker = {
  name: 'mosquitto',
  start: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-mosquitto-'))
    const file = join(folder, 'mosquitto.conf')
    const port = await findFreePort()
    await writeFile(
      file,
      [
        `listener ${port} 127.0.0.1`,
        'allow_anonymous true',
        'persistence false',
        'max_inflight_messages 1000',
        'max_queued_messages 0',
        'log_type none',
        '',
      ].join('\n'),
    )
    try {
      return await startBroker('mosquitto', port, 'mosquitto', ['-c', file])
    } finally {
      // Mosquitto has read its configuration when it listens.
      await rm(folder, { recursive: true })
    }
  },
}
