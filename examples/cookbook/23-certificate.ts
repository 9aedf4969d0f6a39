// A certificate that expires
//
// The site must answer, say what it should, and have a certificate for two more weeks.

import { alert, down, ping, rule } from 'vigie'

export const site = ping('cookbook-site', {
  url: 'https://example.org/',
  every: '10m',
  expect: { status: 200, body: /welcome/i, certificate: '14d' },
})

export const bad = rule('cookbook-site-bad', {
  on: down(site),
  do: () => alert({ key: 'site', title: 'The site is not as it should be: see vigie pings' }),
})
