// A whole rule that follows devices, run by the real engine in virtual time, over restarts of the hub.
//
// Covers `src/rules/evaluate/join.ts`, `src/model/run.ts`.

import { expect, it } from 'vitest'
import { alert, client, rule } from '../../../src/index.ts'
import { simulate } from '../../../src/testing.ts'

const sensors = rule('sensors', {
  on: client('sensor-*', { grace: '2m', flapping: true }),
  together: { window: '10s', atLeast: 5 },
  do: ({ params, change, together }) =>
    together
      ? alert({
          key: 'sensors',
          title: `${together.count} sensors are ${change}`,
          body: together.keys.join(', '),
          resolve: change === 'back',
        })
      : alert({ key: params.id, title: `${params.id} is ${change}`, resolve: change === 'back' }),
})

const names = Array.from({ length: 20 }, (_, index) => `sensor-${index}`)

function begin() {
  const hub = simulate(sensors)
  const say = async (state: 'online' | 'offline', reason: string | null, who = names): Promise<void> => {
    for (const id of who) await hub.publish(`vigie/clients/${id}`, { client: id, state, reason })
  }
  return { hub, say, titles: () => hub.actions.map((action) => (action as { title?: string }).title) }
}

it('tells once of twenty devices that are gone, with the list, and once when all are back', async () => {
  const { hub, say, titles } = begin()
  await say('offline', 'socket')
  await hub.advance('3m')
  expect(titles()).toEqual(['20 sensors are lost'])
  expect(hub.actions).toMatchObject([{ key: 'sensors', body: names.join(', ') }])
  await say('online', null, names.slice(0, 19))
  await hub.advance('1h')
  expect(titles()).toHaveLength(1)
  await say('online', null, names.slice(19))
  expect(titles()).toEqual(['20 sensors are lost', '20 sensors are back'])
})

it('loses nothing that waits when the hub restarts: neither the grace nor the window', async () => {
  const { hub, say, titles } = begin()
  await say('offline', 'socket')
  await hub.advance('1m')
  await hub.restart({ down: '1h' })
  await hub.advance('2m')
  expect(titles()).toEqual([])
  await hub.restart()
  await hub.advance('10s')
  expect(titles()).toEqual(['20 sensors are lost'])
  await hub.restart({ down: '1d' })
  await say('online', null)
  expect(titles()).toEqual(['20 sensors are lost', '20 sensors are back'])
})

it('takes a restart of the hub for no loss, and those that do not come back for lost', async () => {
  const { hub, say, titles } = begin()
  await say('online', null)
  await say('offline', 'stopped')
  await hub.restart({ down: '3h' })
  await hub.advance('30s')
  await say('online', null, names.slice(1))
  await hub.advance('1h')
  expect(titles()).toEqual(['sensor-0 is lost'])
})

it('says of each event why it fired, or waited for others', async () => {
  const { hub, say } = begin()
  await say('offline', 'socket')
  await hub.advance('3m')
  const last = new Map(hub.verdicts.map((verdict) => [verdict.event, verdict]))
  const stages = [...last.values()].map(({ stage }) => stage)
  expect(stages.filter((stage) => stage === 'together')).toHaveLength(19)
  expect(stages.filter((stage) => stage === 'fired')).toHaveLength(1)
  expect([...last.values()].find(({ stage }) => stage === 'together')?.reason).toMatch(
    /^told together with 19 others, by event \d+$/,
  )
})

it('gives a function of earlier results the same list after a restart', async () => {
  const hub = simulate(
    rule('r', {
      on: 'a/+x',
      together: { window: '1s', atLeast: 2 },
      do: ({ together }) => [
        alert({ key: 'first', title: 'first' }),
        () => alert({ key: 'second', title: (together?.keys ?? []).join() }),
      ],
    }),
  )
  await hub.publish('a/1')
  await hub.publish('a/2')
  await hub.advance('1s')
  expect(hub.actions).toMatchObject([{ key: 'first' }, { key: 'second', title: '1,2' }])
  expect(hub.runs).toMatchObject([{ key: '', details: { together: { count: 2, keys: ['1', '2'] } } }])
})
