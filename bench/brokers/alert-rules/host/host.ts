// A host takes no connection any more.
import { alert, down, ping, rule } from 'vigie'

export const host = ping('host', {
  tcp: `127.0.0.1:${process.env['VIGIE_BENCH_HOST']}`,
  every: '500ms',
  fails: 1,
  recovers: 1,
  flapping: false,
})

export const dead = rule('dead', {
  on: down(host),
  do: ({ event }) => alert({ key: `dead/${event.id}`, title: 'A host is dead', body: String(event.at) }),
})
