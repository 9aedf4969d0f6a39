// A value that is too high
//
// Fires once when the freezer rises above -10 °C, and not again before it was at -15 °C. One alert opens and closes.

import { alert, rule } from 'vigie'
import { z } from 'zod'

const freezer = {
  on: 'freezer/celsius',
  payload: z.number(),
} as const

export const warm = rule('cookbook-freezer-warm', {
  ...freezer,
  above: -10,
  until: -15,
  do: ({ payload }) =>
    alert({ key: 'freezer', title: `The freezer has ${payload} °C`, severity: 'critical' }),
})

export const cold = rule('cookbook-freezer-cold', {
  ...freezer,
  below: -15,
  until: -10,
  do: () => alert({ key: 'freezer', title: 'The freezer is cold again', resolve: true }),
})
