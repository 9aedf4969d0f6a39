// An alert that opens when a host does not answer, and closes when it does. The state of a ping is retained
// on vigie/ping/<name>. Add your router, your web site, your NAS:
//
//   ping('router', { host: '192.168.1.1', every: '30s', fails: 3, recovers: 2 })
//   ping('site', { url: 'https://example.org/', expect: { status: 200, certificate: '14d' } })
//   ping('nas-ssh', { tcp: 'nas:22' })

import { alert, down, ping, rule, up } from 'vigie'

export const itself = ping('this-machine', { host: '127.0.0.1', every: '30s', fails: 3, recovers: 2 })

export const lost = rule('ping-lost', {
  on: down('this-machine'),
  do: () => [
    alert({ key: 'ping-this-machine', title: 'This machine does not answer', severity: 'critical' }),
  ],
})

export const found = rule('ping-found', {
  on: up('this-machine'),
  do: () => [alert({ key: 'ping-this-machine', title: 'This machine answers again', resolve: true })],
})
