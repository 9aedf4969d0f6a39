// An alert for each device that loses its connection: the hub then publishes its last will, on
// devices/<id>/status.
//
//   mosquitto_sub -t nothing -i lamp --will-topic devices/lamp/status --will-payload gone  (then kill -9 it)
//
// The alert is retained under vigie/alerts/; `alerts: { channels: { … } }` in vigie.config.ts tells people of it.

import { alert, rule, will } from 'vigie'

export default [
  rule('device-lost', {
    on: will('devices/+id/status'),
    do: ({ params }) => [
      alert({
        key: `device-${params.id}`,
        title: `${params.id} is lost`,
        body: 'Its connection broke off.',
        severity: 'warning',
      }),
    ],
  }),
  // The device itself publishes "online" on the same topic. That does not fire the rule above, and closes
  // its alert.
  rule('device-back', {
    on: 'devices/+id/status',
    when: ({ payload }) => payload === 'online',
    do: ({ params }) => [alert({ key: `device-${params.id}`, title: `${params.id} is back`, resolve: true })],
  }),
]
