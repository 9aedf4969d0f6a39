// A freezer that is too warm, or whose sensor says nothing, raises an alert.
//
//   vigie pub freezer/cellar '{"celsius": -4}'
//   vigie explain freezer/cellar '{"celsius": -4}'    says what the rules make of it, and does nothing

import { alert, rule, silence } from 'vigie'
import { z } from 'zod'

export const warm = rule('freezer-warm', {
  on: 'freezer/+place',
  // What the payload must look like. A payload that does not match is no reason to fire; "vigie why" shows it.
  payload: z.object({ celsius: z.number() }),
  // Fires when the number rises above -10, and again only after it was at -15.
  above: -10,
  until: -15,
  value: ({ payload }) => payload.celsius,
  do: ({ params, payload }) => [
    alert({
      key: `freezer-${params.place}`,
      title: `The freezer in the ${params.place} has ${payload.celsius} °C`,
      severity: 'critical',
    }),
  ],
})

export const silent = rule('freezer-silent', {
  // Fires when a topic that has spoken once says nothing for so long.
  on: silence('freezer/+place', '30m'),
  do: ({ params }) => [
    alert({
      key: `freezer-${params.place}-silent`,
      title: `The freezer in the ${params.place} says nothing`,
    }),
  ],
})
