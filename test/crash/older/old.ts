import { alert, publish, rule, shell, wait } from 'vigie'

export const waits = rule('waits', {
  on: 'orders/+id',
  do: ({ params }) => [wait('20s'), publish(`done/${params.id}`, 'yes', { retain: true })],
})

export const fails = rule('fails', { on: 'broken', do: () => shell`false` })

export const door = rule('door', {
  on: 'doors/+name',
  do: ({ params, payload }) =>
    alert({ key: `door-${params.name}`, title: `${params.name} is open`, resolve: payload === 'closed' }),
})

export const count = rule('third', {
  on: 'counted',
  count: [3, '1000d'],
  do: () => publish('counted/three', 'yes'),
})
