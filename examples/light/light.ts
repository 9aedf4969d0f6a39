// Switches a lamp on when it gets dark, and off when it is bright again. A board publishes how bright it is on
// house/<room>/light, from 0 to 1023, and switches its lamp by what house/<room>/lamp says.

import { publish, rule } from 'vigie'
import { z } from 'zod'

const DARK = 200
/** Well above DARK: a lamp that shines on the photoresistor must not switch itself off. */
const BRIGHT = 400

const reading = z.int().min(0).max(1023)

export const dark = rule('room-dark', {
  on: 'house/+room/light',
  payload: reading,
  below: DARK,
  until: BRIGHT,
  do: ({ params }) => [publish(`house/${params.room}/lamp`, 'on', { retain: true })],
  examples: [
    { topic: 'house/hall/light', payload: 120, expect: 'fire' },
    { topic: 'house/hall/light', payload: 300, expect: 'skip' },
  ],
})

export const bright = rule('room-bright', {
  on: 'house/+room/light',
  payload: reading,
  above: BRIGHT,
  until: DARK,
  do: ({ params }) => [publish(`house/${params.room}/lamp`, 'off', { retain: true })],
})
