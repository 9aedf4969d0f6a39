// A hub and an agent in network namespaces of their own, and the cable between them: what happens on the
// other side while it is pulled arrives afterwards, in order and once.

import { execFileSync } from 'node:child_process'
import { expect, vi } from 'vitest'
import { hashPassword } from '../../src/access/passwords.ts'
import { openQueries } from '../../src/journal/queries/queries.ts'
import type { Queries } from '../../src/model/queries.ts'
import { cable, inside } from '../support/cable.ts'
import { temporaryFolder } from '../support/hub.ts'
import { whenOver } from '../support/lifetime.ts'
import { itWith } from '../support/tools.ts'
import { hubWith, startAgent, startVigie, until } from './running.ts'

vi.setConfig({ testTimeout: 120_000 })

const RULES = (socket: string): string => `
  const { alert, down, host, ping, rule } = vigie
  export const nas = host('nas')
  export const door = ping('door', { command: ['/usr/bin/test', '-e', '${socket}'], every: '150ms', fails: 1, recovers: 1, flapping: false, on: nas })
  export const lost = rule('lost', { on: down(door), do: () => alert({ key: 'door', title: 'gone' }) })`

const jsonOf = ({ payload }: { readonly payload: Uint8Array }) =>
  JSON.parse(Buffer.from(payload).toString()) as Readonly<Record<string, never>>

itWith('root, who may unshare the network', 'ip')(
  'tells after a cut what happened meanwhile, in order and once',
  async () => {
    const net = cable()
    const file = `${temporaryFolder()}/door`
    const users = {
      users: { nas: await hashPassword('secret', true) },
      permissions: [{ users: ['nas'], publish: ['vigie/hosts/nas/#'], receive: ['vigie/hosts/nas/#'] }],
    }
    const place = hubWith(RULES(file), "{ mqtt: { host: '10.9.7.1', port: 1883 }, http: { port: 0 } }", users)
    const hub = startVigie('start', place.args, { within: inside(net.hub) })
    await hub.says('Ready')
    const agent = startAgent(
      [
        '--hub',
        'mqtt://10.9.7.1:1883',
        '--name',
        'nas',
        '--data',
        temporaryFolder(),
        '--run',
        '/usr/bin/test',
      ],
      { within: inside(net.far), env: { VIGIE_USER: 'nas', VIGIE_PASSWORD: 'secret' } },
    )
    const queries: Queries = openQueries(place.data)
    whenOver(() => queries.close())
    const told = (filter: string) => queries.history({ filter, limit: 500 }).toReversed().map(jsonOf)
    const states = (): string[] =>
      told('vigie/ping/door').map(({ state, previous }) => `${previous} → ${state}`)
    const open = (): void => execFileSync('touch', [file]) as never
    const close = (): void => execFileSync('rm', ['-f', file]) as never
    open()
    await until(() => states().at(-1)?.endsWith('→ up'))
    const begun = states().length

    net.pull()
    // The hub hears nobody any more, and says so once.
    await until(() => states().at(-1) === 'up → unknown')
    await until(() => told('vigie/alerts/host-nas').at(-1)?.['state'] === ('firing' as never))
    for (const change of [close, open, close, open]) {
      change()
      await new Promise((resolve) => setTimeout(resolve, 600))
    }
    expect(states().slice(begun)).toEqual(['up → unknown'])

    net.plug()
    await until(() => states().at(-1) === 'up → up')
    expect(states().slice(begun)).toEqual([
      'up → unknown',
      'up → down',
      'down → up',
      'up → down',
      'down → up',
      'up → up',
    ])
    await until(() => told('vigie/alerts/host-nas').at(-1)?.['state'] === ('resolved' as never))
    expect(told('vigie/alerts/host-nas').map(({ state }) => state)).toEqual(['firing', 'resolved'])
    const moments = told('vigie/ping/door')
      .slice(begun + 1, -1)
      .map(({ since }) => String(since))
    expect(moments).toEqual(moments.toSorted())
    expect(queries.runs({ rule: 'lost', limit: 10 })).toHaveLength(2)
    await agent.end('SIGTERM')
    await hub.end('SIGTERM')
  },
)
