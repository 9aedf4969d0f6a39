// A small house: four climates, two doors, a boiler whose electronics fail at times.

import { alert, publish, rule, will } from 'vigie'
import { z } from 'zod'

export const frost = rule('cellar-cold', {
  on: 'house/+room/temperature',
  payload: z.number(),
  when: ({ params }) => params.room === 'cellar',
  below: 11,
  until: 12,
  do: ({ payload }) => [
    alert({ key: 'cellar-cold', title: `The cellar has ${payload} °C`, severity: 'info' }),
  ],
})

export const warm = rule('cellar-warm', {
  on: 'house/cellar/temperature',
  payload: z.number(),
  above: 12,
  until: 11,
  do: () => [alert({ key: 'cellar-cold', title: 'The cellar is warm enough', resolve: true })],
})

export const leftOpen = rule('door-left-open', {
  on: 'house/doors/+name',
  when: ({ payload }) => payload === 'open',
  for: '10s',
  do: ({ params }) => [
    alert({ key: `door-${params.name}`, title: `The ${params.name} door is open`, severity: 'warning' }),
  ],
})

export const closed = rule('door-closed', {
  on: 'house/doors/+name',
  when: ({ payload }) => payload === 'closed',
  do: ({ params }) => [
    alert({ key: `door-${params.name}`, title: `The ${params.name} door is closed`, resolve: true }),
  ],
})

export const lost = rule('device-lost', {
  on: will('devices/+id/status'),
  do: ({ params }) => [
    alert({
      key: `device-${params.id}`,
      title: `The ${params.id} is lost`,
      body: 'Its connection broke off.',
      severity: 'critical',
    }),
  ],
})

export const back = rule('device-back', {
  on: 'devices/+id/status',
  when: ({ payload }) => payload === 'online',
  do: ({ params }) => [
    alert({ key: `device-${params.id}`, title: `The ${params.id} is back`, resolve: true }),
  ],
})

// The light on the stairs is switched by a rule, as a device would see it.
export const stairs = rule('stairs-light', {
  on: 'house/doors/front',
  throttle: '5s',
  do: ({ payload }) => [publish('house/stairs/light', payload === 'open' ? 'on' : 'off', { retain: true })],
})
