// What the hub watches by itself: a port of this machine, and its processes.

import { alert, ping, watch } from 'vigie'

const port = process.env['VIGIE_DEMO_MQTT'] ?? '1883'

export const broker = ping('broker', { tcp: `127.0.0.1:${port}`, every: '10s' })

export const busy = watch('busy-node', {
  process: { name: 'node' },
  cpu: { above: 90, for: '2m' },
  do: ({ process: found }) => [
    alert({
      key: `busy-${found.pid}`,
      title: `${found.name} (${found.pid}) keeps a core busy`,
      severity: 'info',
    }),
  ],
})
