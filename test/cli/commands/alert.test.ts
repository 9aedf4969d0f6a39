// `vigie alert` at a real hub: a rule raises, people at a terminal say what becomes of it, and a link in the
// notification does. Also for `src/cli/commands/alert-views.ts`, `src/cli/commands/alert-test.ts` and `src/model/alert-change.ts`.

import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { expect, onTestFinished, test } from 'vitest'
import { openBench } from '../../journal/fixtures.ts'
import { alert, event, notification } from '../../journal/nouns.ts'
import { startHubProcess, temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'

const NOW = Date.UTC(2026, 10, 30, 12)

const FLIP = { key: 'nas/disk', incident: 1, at: NOW } as const

/** Two alerts that are open, and one that is over. */
function bench(): string {
  const { dataDir, writer } = openBench()
  const [disk, raid, door] = [
    alert('nas/disk', {
      sinceAt: NOW - 7_200_000,
      count: 3,
      body: 'sda\nsdb',
      flips: 2,
      version: 2,
      parent: 'nas',
    }),
    alert('nas/raid', { severity: 'critical', sinceAt: NOW - 60_000, state: 'silenced', silencedBy: 'work' }),
    alert('door', { state: 'resolved', sinceAt: NOW }),
  ]
  writer.commit({
    events: [event(1)],
    changes: [
      {
        alerts: [disk, raid, door],
        alertFlips: [
          { ...FLIP, number: 1, from: null, to: 'pending', event: 1, by: 'rule "disk"' },
          { ...FLIP, number: 2, from: 'pending', to: 'firing', event: null, by: 'time' },
        ],
        silences: [
          {
            name: 'work',
            silence: {
              name: 'work',
              match: { key: 'nas/raid' },
              fromAt: NOW,
              untilAt: NOW + 1,
              author: 'anna',
              comment: 'new disks',
              event: 1,
            },
          },
        ],
        notifications: [notification('alert/nas/disk', { telling: null, dueAt: NOW + 3_600_000 })],
      },
    ],
  })
  return dataDir
}

const at =
  (dataDir: string) =>
  async (...argv: string[]) =>
    runCommand(['alert', ...argv, '--data', dataDir], { now: () => NOW })

test('open alerts are listed, those that want somebody first, with the silences', async () => {
  const vigie = at(bench())
  const { out, status } = await vigie('list')
  const lines = out.trimEnd().split('\n')
  expect([status, lines.length]).toEqual([0, 3])
  expect(lines[0]).toMatch(/^firing +warning +2026-\S+ \S+ +nas\/disk +nas\/disk is wrong$/)
  expect(lines[1]).toMatch(/^silenced +critical .* nas\/raid is wrong \(work\)$/)
  expect(lines[2]).toMatch(/^silence "work" of \{"key":"nas\/raid"\} until .*, by anna: new disks$/)
  expect((await vigie('list', '--all')).out).toMatch(/^resolved +warning .*door/m)
  const json = (await vigie('list', '--all', '--json')).out.trimEnd().split('\n')
  expect(json.map((line) => (JSON.parse(line) as { key: string }).key).toSorted()).toEqual([
    'door',
    'nas/disk',
    'nas/raid',
  ])
})

test('one alert is shown with its past, its cause, and what was told where', async () => {
  const vigie = at(bench())
  const { out } = await vigie('show', 'nas/disk')
  expect(out).toContain('alert nas/disk: firing, warning\n  nas/disk is wrong\n  │ sda\n  │ sdb\n')
  expect(out).toMatch(/since \S+ \S+ \(2h\), raised 3 times/)
  expect(out).toContain('  muted while nas is open\n  raised by the rule door\n  because of event #1 a/b\n')
  expect(out).toMatch(/ new → pending, by rule "disk" \(event #\d+\)\n.* pending → firing, by time\n/)
  expect(out).toMatch(/told\n {2}phone: told once, last \S+ \S+ \(run #2\), next \S+ \S+\n$/)
  const story = JSON.parse((await vigie('show', 'nas/disk', '--json')).out) as object
  expect(story).toMatchObject({ key: 'nas/disk', flips: [{}, { to: 'firing' }], notifications: [{}] })
})

test.each([
  [['show', 'nas/disc'], 'There is no alert "nas/disc". Did you mean "nas/disk"?'],
  [['shwo', 'nas'], '"vigie alert" does not know "shwo". Did you mean "show"?'],
  [['ack'], 'Name the alert by its key'],
  [['silence', 'nas'], 'Say how long: vigie alert silence KEY --for 2h'],
  [['silence', 'nas', '--for', '2 weeks'], '--for: '],
  [['ack', 'nas/disk'], 'No hub runs on'],
])('%j is answered with a sentence', async (argv, sentence) => {
  const { status, error } = await at(bench())(...argv)
  expect([status, error]).toEqual([1, expect.stringContaining(sentence)])
})

/** A service that people look at: takes notifications in JSON. */
async function service(status = 200) {
  const told: Told[] = []
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = await request.toArray()
    told.push(JSON.parse(Buffer.concat(chunks).toString()) as Told)
    response.writeHead(status).end()
  }
  const server = createServer((request, response) => void take(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { told, url: `http://127.0.0.1:${port}/` }
}

interface Told {
  readonly occasion: string
  readonly title: string
  readonly links: Readonly<Record<string, string>>
}

test('people say what becomes of alerts, at a terminal and by a link in the notification', async () => {
  const { told, url } = await service()
  const folder = temporaryFolder()
  const [rules, data] = [join(folder, 'rules'), join(folder, 'data')]
  mkdirSync(rules)
  writeFileSync(
    join(rules, 'disk.ts'),
    `import { alert, rule } from 'vigie'
    export const disk = rule('disk', {
      on: 'nas/full', do: () => [alert({ key: 'nas/disk', title: 'The disk is full' })],
    })
    export const fans = rule('fans', {
      on: 'nas/hot',
      do: () => ['a', 'b'].map((fan) => alert({ key: 'fan/' + fan, title: 'It stands', severity: 'critical' })),
    })\n`,
  )
  const config = join(folder, 'vigie.config.ts')
  writeFileSync(
    config,
    `import { webhook } from 'vigie/channels'
    export default { alerts: {
      channels: { phone: webhook({ url: '${url}' }) },
      routes: [{ severity: 'critical', to: ['phone'], group: '200ms' }, { to: ['phone'] }],
      links: { url: 'http://hub.example' },
    } }\n`,
  )
  const hub = await startHubProcess(['--data', data, '--rules', rules, '--config', config])
  const client = await connectAsync(`mqtt://127.0.0.1:${hub.mqtt}`)
  onTestFinished(() => client.endAsync(true))
  const vigie = (...argv: string[]) => runCommand(['alert', ...argv, '--data', data, '--config', config])
  await client.publishAsync('nas/full', '', { qos: 1 })
  await expect.poll(() => told.length, { timeout: 30_000, interval: 20 }).toBe(1)

  const acked = await vigie('ack', 'nas/disk', '--comment', 'on my way')
  expect(acked).toMatchObject({ status: 0, error: '' })
  expect(acked.out).toMatch(/^The alert "nas\/disk" is acknowledged by \S+ \(the command line\)\.\n$/)
  expect((await vigie('unack', 'nas/disk')).out).toBe('The alert "nas/disk" is firing.\n')
  const unknown = await vigie('ack', 'nas/disc')
  expect(unknown).toMatchObject({ status: 1, error: expect.stringContaining('did you mean "nas/disk"?') })
  expect((await vigie('silence', 'nas/#', '--for', '2h')).out).toMatch(/^"nas\/#" is silenced until /)
  expect((await vigie('list')).out).toMatch(/^silenced .*nas\/disk/)
  expect((await vigie('unsilence', 'nas/#')).out).toBe('The silence "nas/#" has ended.\n')

  const { acknowledge = '', show = '' } = told[0]!.links
  const here = (link: string) => link.replace('http://hub.example', `http://127.0.0.1:${hub.http}`)
  expect(await (await fetch(here(show))).text()).toContain('<strong>firing</strong>')
  expect(await (await fetch(here(acknowledge))).text()).toContain('<button>Acknowledge</button>')
  expect((await vigie('show', 'nas/disk')).out).toContain('alert nas/disk: firing')
  const posted = await fetch(here(acknowledge), { method: 'POST' })
  expect([posted.status, await posted.text()]).toEqual([200, expect.stringContaining('Acknowledged.')])
  expect((await vigie('show', 'nas/disk')).out).toMatch(
    /acknowledged by a link in a notification[^]* firing → acknowledged, by a link in a notification/,
  )

  expect((await vigie('resolve', 'nas/disk')).out).toBe('The alert "nas/disk" is resolved.\n')
  expect((await fetch(here(acknowledge), { method: 'POST' })).status).toBe(410)

  await client.publishAsync('nas/hot', '', { qos: 1 })
  await expect.poll(() => told.at(-1)?.title, { timeout: 30_000, interval: 20 }).toBe('2 alerts')
  const ofBoth = here(told.at(-1)?.links['acknowledge'] ?? '')
  expect(await (await fetch(ofBoth)).text()).toContain('<button>Acknowledge 2 alerts</button>')
  expect((await vigie('list')).out).toMatch(/^firing .*fan\/\w[^]*firing .*fan\/\w/)
  expect(await (await fetch(ofBoth, { method: 'POST' })).text()).toContain('Acknowledged: 2 alerts.')
  expect((await vigie('list')).out).toMatch(/^acknowledged .*fan\/\w[^]*acknowledged .*fan\/\w/)
  expect(hub.noise).toEqual([])
})

test('a channel is tried, and what came back is said in one sentence', async () => {
  const [good, gone] = [await service(), await service(404)]
  const folder = temporaryFolder()
  const config = join(folder, 'vigie.config.ts')
  writeFileSync(
    config,
    `import { mqtt, webhook } from 'vigie/channels'
    import { secret } from 'vigie'
    export default { alerts: { channels: {
      phone: webhook({ url: '${good.url}' }),
      old: webhook({ url: '${gone.url}' }),
      locked: webhook({ url: '${good.url}', headers: { authorization: secret('NO_SUCH_SECRET') } }),
      inside: mqtt({ topic: 'told' }),
    } } }\n`,
  )
  const tried = async (name: string) => {
    const { status, out, error } = await runCommand(['alert', 'test', name, '--config', config])
    return [status, out + error]
  }
  expect(await tried('phone')).toEqual([
    0,
    expect.stringMatching(/^The channel "phone" \(webhook\) took the test notification.*\.\n$/),
  ])
  expect(good.told).toMatchObject([{ occasion: 'test', title: expect.stringContaining('Test of vigie') }])
  expect(await tried('old')).toEqual([
    1,
    expect.stringMatching(/^The channel "old" \(webhook\) refuses everything: .*404.*\.\n$/),
  ])
  expect(await tried('locked')).toEqual([1, expect.stringContaining('Secret NO_SUCH_SECRET is not set')])
  expect(await tried('inside')).toEqual([1, expect.stringContaining('it publishes through a running hub')])
  expect(await tried('phoen')).toEqual([
    1,
    expect.stringContaining('no channel "phoen". Did you mean "phone"?'),
  ])
})
