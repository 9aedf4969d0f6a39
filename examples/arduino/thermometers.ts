// Alerts for thermometers: one that is offline, one that comes and goes, one that sends no readings, one
// that is too warm. Thermometers publish a number on thermometers/<id>/celsius, and "online" on
// thermometers/<id>/status, where their last will is "offline".

import { alert, client, rule, silence } from 'vigie'
import { z } from 'zod'

const name = (id: string): string => `The thermometer ${id}`

/** The sensor says -127 when its wire is broken, and 85 before its first reading. */
const celsius = z.number().gt(-55).lt(85)

export const lost = rule('thermometer-lost', {
  on: 'thermometers/+id/status',
  when: ({ payload }) => payload === 'offline',
  // A router that restarts is no reason to call anybody: "online" within two minutes cancels this.
  for: '2m',
  do: ({ params }) => alert({ key: `thermometer-${params.id}`, title: `${name(params.id)} is gone` }),
  examples: [
    { topic: 'thermometers/cellar/status', payload: 'offline', origin: 'will', expect: 'fire' },
    { topic: 'thermometers/cellar/status', payload: 'online', expect: 'skip' },
  ],
})

export const back = rule('thermometer-back', {
  on: 'thermometers/+id/status',
  when: ({ payload }) => payload === 'online',
  do: ({ params }) =>
    alert({ key: `thermometer-${params.id}`, title: `${name(params.id)} is back`, resolve: true }),
})

// Three lost connections within an hour mean a bad radio, or a bad power supply.
export const unsteady = rule('thermometer-unsteady', {
  on: client('thermometer-*', 'offline'),
  when: ({ payload }) => payload.reason !== 'clean',
  count: [3, '1h'],
  do: ({ params, payload }) =>
    alert({
      key: `unsteady-${params.id}`,
      title: `${params.id} lost its connection three times within an hour`,
      body: `The last time: ${payload.reason}.`,
    }),
})

// A thermometer may be connected and hang all the same. A reading that the schema refuses does not break
// the silence.
export const silent = rule('thermometer-silent', {
  on: silence('thermometers/+id/celsius', '5m'),
  payload: celsius,
  do: ({ params }) =>
    alert({ key: `silent-${params.id}`, title: `${name(params.id)} has had nothing to say for 5 minutes` }),
})

export const speaks = rule('thermometer-speaks', {
  on: 'thermometers/+id/celsius',
  payload: celsius,
  when: ({ params, last }) => isFiring(last(`vigie/alerts/silent-${params.id}`)?.payload),
  do: ({ params }) =>
    alert({ key: `silent-${params.id}`, title: `${name(params.id)} speaks again`, resolve: true }),
})

export const warm = rule('thermometer-warm', {
  on: 'thermometers/+id/celsius',
  payload: celsius,
  above: 30,
  until: 28,
  do: ({ params, payload }) =>
    alert({ key: `warm-${params.id}`, title: `${payload} °C in the ${params.id}`, severity: 'critical' }),
  examples: [
    { topic: 'thermometers/cellar/celsius', payload: 31.5, expect: 'fire' },
    { topic: 'thermometers/cellar/celsius', payload: 85, expect: 'skip' },
  ],
})

const isFiring = (report: unknown): boolean => (report as { state?: unknown } | undefined)?.state === 'firing'
