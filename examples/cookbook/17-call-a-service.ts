// Tell a service on the web
//
// Tried for hours while the service is down, with one key for all attempts, so that it can drop repetitions.

import { publish, rule, secret, webhook } from 'vigie'

export default rule('cookbook-report', {
  on: 'meters/main/day',
  do: ({ payload }) =>
    webhook('https://energy.example.org/api/days', {
      json: { day: payload },
      auth: { bearer: secret('ENERGY_TOKEN') },
      expect: { status: [200, 409] },
      retry: { attempts: 20, min: '10s', max: '30m' },
      onFailure: [publish('meters/main/unreported', payload)],
    }),
})
