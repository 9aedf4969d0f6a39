// The work that bench/node-red.ts gives Node-RED, too: a body is made of a message, and an HTTP request carries it on.
import { rule, webhook } from 'vigie'
import { z } from 'zod'

const url = process.env['VIGIE_BENCH_SINK']!

export default rule('carry', {
  on: 'run/+place',
  payload: z.object({ temperature: z.number() }),
  do: ({ payload, params }) =>
    webhook(url, { json: { place: params.place, temperature: payload.temperature } }),
})
