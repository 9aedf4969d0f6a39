// What rule authors get to test their rules with.
//
// Covers `src/engine/virtual/simulation.ts`, `src/engine/virtual/stand-ins.ts`,
// `src/engine/virtual/virtual-engine.ts`, `src/engine/virtual/virtual-hub.ts`, `src/engine/steps/acting.ts`,
// `src/engine/steps/occasions.ts`.

import { z } from 'zod'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  alert,
  call,
  cron,
  down,
  parallel,
  ping,
  publish,
  reply,
  rule,
  shell,
  silence,
  startup,
  sun,
  up,
  wait,
  webhook,
  will,
} from '../src/index.ts'
import { simulate } from '../src/testing.ts'
import type { Simulation } from '../src/testing.ts'

const noon = '2026-06-01T12:00:00Z'

describe('a message', () => {
  test('is read by rules with every digit in event.text, and passed on as it came', async () => {
    const text = '{"id": 1724442618569203714, "n": [1e999, -0]}'
    const hub = simulate(rule('copy', { on: 'in', do: ({ event }) => [publish('out', event.text)] }))
    await hub.publish('in', text)
    expect(hub.actions).toMatchObject([{ kind: 'publish', payload: { text } }])
  })

  test('of a rule carries what the rule says of it: expiry, content type, response topic, user properties', async () => {
    const asks = rule('asks', {
      on: 'in',
      do: () =>
        publish('question', 'who?', {
          expiry: '1m',
          contentType: 'text/plain',
          responseTopic: 'answers/1',
          correlationData: Buffer.of(0, 255),
          userProperties: { room: 'hall' },
        }),
    })
    const answers = rule('answers', {
      on: 'question',
      do: ({ event: { contentType, messageExpiryInterval, userProperties } }) => [
        reply({ contentType, messageExpiryInterval, userProperties: [...userProperties] }),
      ],
    })
    const hub = simulate([asks, answers])
    await hub.publish('in')
    expect(hub.messages.find(({ topic }) => topic === 'answers/1')?.payload).toEqual({
      contentType: 'text/plain',
      messageExpiryInterval: 60,
      userProperties: [['room', 'hall']],
    })
    expect(hub.actions.at(-1)).toMatchObject({ properties: { correlationData: 'AP8=' } })
  })

  test('fires the rules that wait for it, and shows what they did', async () => {
    const hub = simulate(
      rule('door', { on: 'doors/+name', do: ({ params }) => [shell`ring ${params.name}`] }),
      { at: noon },
    )
    expectTypeOf(hub).not.toBeAny()
    expectTypeOf(hub).toEqualTypeOf<Simulation>()
    const event = await hub.publish('doors/front', { open: true })
    expect(hub.actions).toMatchObject([
      { kind: 'shell', argv: ['ring', 'front'], rule: 'door', attempt: 1, at: Date.parse(noon) },
    ])
    expect(hub.runs).toMatchObject([
      { rule: 'door', key: 'front', event, state: 'done', steps: [{ path: '0' }] },
    ])
    expect(hub.verdicts).toMatchObject([{ rule: 'door', event, stage: 'fired' }])
  })

  test('that rules publish comes back to them, with its cause', async () => {
    const hub = simulate([
      rule('first', { on: 'a', do: () => [publish('b', { n: 1 })] }),
      rule('second', { on: 'b', do: ({ payload }) => [publish('c', payload)] }),
    ])
    const event = await hub.publish('a')
    expect(hub.messages.filter(({ topic }) => topic.length === 1)).toMatchObject([
      { topic: 'a', cause: null },
      { topic: 'b', payload: { n: 1 }, cause: { event, run: 1, depth: 1 } },
      { topic: 'c', payload: { n: 1 }, cause: { run: 2, depth: 2 } },
    ])
  })

  test('on which a rule makes more than a decision may come to is refused, in its name', async () => {
    const large = (): string => 'a'.repeat(64 * 2 ** 20)
    const hub = simulate([
      rule('at-once', { on: 'x', do: () => publish('y', large()) }),
      rule('later', { on: 'x', do: () => [publish('z', 'ok'), () => shell`echo ${large()}`] }),
    ])
    await hub.publish('x')
    expect(hub.verdicts).toContainEqual(
      expect.objectContaining({
        rule: 'at-once',
        stage: 'error',
        reason: expect.stringMatching(/rule "at-once": do returned actions that take more than 64 MiB/),
      }),
    )
    expect(hub.runs).toMatchObject([{ rule: 'later', state: 'dead', steps: [{ state: 'done' }, {}] }])
    expect(JSON.stringify(hub.runs)).toContain('a function of earlier results returned actions that take')
    expect(hub.messages.map(({ topic }) => topic)).not.toContain('y')
  })

  test('on which many rules together make more than one event may come to is refused to the last of them', async () => {
    const names = ['one', 'two', 'three', 'four']
    const large = names.map((name) =>
      rule(name, { on: 'x', do: () => shell`echo ${'a'.repeat(50 * 2 ** 20)}` }),
    )
    const hub = simulate([...large, rule('small', { on: 'x', do: () => publish('y', 'a'.repeat(60_000)) })])
    await hub.publish('x')
    expect(hub.runs.map((run) => run.rule).toSorted()).toEqual(['one', 'small', 'two'])
    const refused = hub.verdicts.filter(({ stage }) => stage === 'error')
    expect(refused.map((said) => said.rule)).toEqual(['three', 'four'])
    expect(refused[0]?.reason).toMatch(
      /rule "three": do returned actions that take 50 MiB\. Together with the other actions because of the same/,
    )
    await hub.publish('x')
    expect(hub.runs).toHaveLength(6)
  })

  test('that is larger than limits.packetSize is refused, in the name of its rule', async () => {
    const hub = simulate(rule('large', { on: 'x', do: () => publish('y', 'a'.repeat(17 * 2 ** 20)) }))
    await hub.publish('x')
    expect(hub.runs).toEqual([])
    expect(hub.verdicts).toMatchObject([
      { rule: 'large', stage: 'error', reason: expect.stringContaining('would be a packet of 17 MiB') },
    ])
  })

  test('that fires itself in a circle is cut, as in a hub', async () => {
    const hub = simulate(rule('loop', { on: 'x', do: () => [publish('x')] }))
    await hub.publish('x')
    expect(hub.runs).toHaveLength(16)
    expect(hub.messages).toContainEqual(expect.objectContaining({ topic: 'vigie/hub/loops' }))
  })

  test('can be a last will, and a retained one that somebody only asked for', async () => {
    const hub = simulate([
      rule('lost', { on: will('devices/+id/status'), do: ({ params }) => [alert({ title: params.id })] }),
      rule('said', { on: 'devices/+id/status', do: () => [shell`say`] }),
    ])
    await hub.publish('devices/lamp/status', 'gone', { will: true })
    await hub.publish('devices/lamp/status', 'on', { origin: 'retained' })
    expect(hub.actions.map(({ rule: name }) => name).toSorted()).toEqual(['lost', 'said'])
    expect(hub.verdicts.at(-1)).toMatchObject({ rule: 'said', stage: 'origin' })
  })

  test('can be a request, which is answered', async () => {
    const hub = simulate(rule('ask', { on: 'ask', do: ({ payload }) => [reply({ got: payload })] }))
    await hub.publish('ask', 'x', { properties: { responseTopic: 'answers/1' } })
    expect(hub.messages).toContainEqual(
      expect.objectContaining({ topic: 'answers/1', payload: { got: 'x' } }),
    )
  })

  test('with a name that no topic can have is refused', async () => {
    const hub = simulate(rule('r', { on: 'a/#', do: () => [] }))
    await expect(hub.publish('a/#')).rejects.toThrow('#')
  })
})

describe('time', () => {
  const motion = rule('left-open', {
    on: 'doors/+name',
    when: ({ payload }) => payload === 'open',
    for: '2m',
    do: ({ params }) => [alert({ key: params.name, title: `${params.name} is open` })],
  })

  test('is virtual: what must hold for two minutes fires after two minutes', async () => {
    const hub = simulate(motion)
    await hub.publish('doors/front', 'open')
    await hub.advance('119s')
    expect(hub.actions).toEqual([])
    await hub.advance('1s')
    expect(hub.actions).toMatchObject([{ kind: 'alert', key: 'front' }])
    expect(hub.messages).toContainEqual(
      expect.objectContaining({ topic: 'vigie/alerts/front', retain: true }),
    )
  })

  test('goes on where it was after a restart', async () => {
    const hub = simulate(motion)
    await hub.publish('doors/front', 'open')
    await hub.advance('90s')
    await hub.restart()
    await hub.advance('29s')
    expect(hub.actions).toEqual([])
    await hub.advance('1s')
    expect(hub.actions).toHaveLength(1)
  })

  test('in which the hub is down is told to the rules, and as an event', async () => {
    const hub = simulate(motion)
    await hub.publish('doors/front', 'open')
    await hub.advance('90s')
    await hub.restart({ down: '1h' })
    expect(hub.messages.map(({ topic }) => topic)).toContain('vigie/hub/downtime')
    expect(hub.actions).toEqual([])
    await hub.advance('2m')
    expect(hub.actions).toHaveLength(1)
  })

  test('passes in waits, which outlive a restart', async () => {
    const hub = simulate(rule('slow', { on: 'go', do: () => [wait('3h'), shell`late`] }))
    await hub.publish('go')
    await hub.advance('2h')
    await hub.restart()
    await hub.advance('59m')
    expect(hub.runs[0]).toMatchObject({
      state: 'running',
      steps: [{ state: 'waiting' }, { state: 'pending' }],
    })
    await hub.advance('1m')
    expect(hub.runs[0]).toMatchObject({ state: 'done' })
    expect(hub.actions).toMatchObject([{ at: hub.now }])
  })

  test('makes the ticks of schedules come, in their time zone', async () => {
    const hub = simulate(
      rule('morning', { on: cron('0 7 * * *', { timezone: 'Europe/Paris' }), do: () => [shell`coffee`] }),
      { at: '2026-06-01T00:00:00Z' },
    )
    await hub.advance('2d')
    expect(hub.actions.map(({ at }) => new Date(at).toISOString())).toEqual([
      '2026-06-01T05:00:00.000Z',
      '2026-06-02T05:00:00.000Z',
    ])
  })

  test('makes the ticks of schedules come as the hub does, when summer time ends', async () => {
    const hub = simulate(
      [
        rule('daily', { on: cron('30 2 * * *', { timezone: 'Europe/Paris' }), do: () => [shell`a`] }),
        rule('often', { on: cron('*/15 * * * *', { timezone: 'Europe/Paris' }), do: () => [shell`b`] }),
      ],
      { at: '2026-10-25T00:10:00Z' },
    )
    await hub.advance('25h')
    const [daily, often] = ['daily', 'often'].map((name) => hub.actions.filter(({ rule: by }) => by === name))
    expect(daily!.map(({ at }) => new Date(at).toISOString())).toEqual(['2026-10-25T00:30:00.000Z'])
    expect(often).toHaveLength(100)
  })

  test('makes the sun rise and set, and asks for windows of the day', async () => {
    const place = { latitude: 48.8566, longitude: 2.3522 }
    const hub = simulate(
      [
        rule('lamp', { on: sun('sunset', { offset: '-30m' }), do: () => [shell`lamp on`] }),
        rule('burglar', { on: 'door', between: ['sunset', 'sunrise'], do: () => [shell`siren`] }),
      ],
      { at: '2026-06-21T12:00:00Z', place },
    )
    await hub.publish('door')
    await hub.advance('12h')
    await hub.publish('door')
    expect(hub.actions.map(({ rule: by, at }) => [by, new Date(at).toISOString().slice(0, 16)])).toEqual([
      ['lamp', '2026-06-21T19:27'],
      ['burglar', '2026-06-22T00:00'],
    ])
    expect(hub.verdicts.find(({ rule: by }) => by === 'burglar')).toMatchObject({ stage: 'between' })
  })

  test('notices the silence of what never spoke, once, through a restart', async () => {
    const hub = simulate(
      rule('quiet', {
        on: silence('devices/+id', '10m', { expect: ['devices/a', { id: 'b' }] }),
        payload: z.object({ alive: z.literal(true) }),
        onGap: 'continue',
        do: ({ params, topic, payload }) => [shell`tell ${params.id} ${topic} ${String(payload?.alive)}`],
      }),
    )
    const told = (): unknown[] => hub.actions.map((action) => 'argv' in action && action.argv.slice(1))
    await hub.advance('6m')
    await hub.publish('devices/b', { alive: true })
    await hub.restart()
    await hub.advance('5m')
    expect(told()).toEqual([['a', 'devices/a', 'undefined']])
    await hub.advance('10m')
    expect(told()).toEqual([
      ['a', 'devices/a', 'undefined'],
      ['b', 'devices/b', 'true'],
    ])
    await hub.restart()
    await hub.advance('1h')
    expect(hub.actions).toHaveLength(2)
    await hub.publish('devices/a', { alive: true })
    await hub.advance('11m')
    expect(told()[2]).toEqual(['a', 'devices/a', 'true'])
  })

  test('notices the silence of one topic from the start', async () => {
    const hub = simulate(
      rule('quiet', { on: silence('heart/beat', '1m', { from: 'start' }), do: () => [shell`defibrillate`] }),
    )
    await hub.advance('59s')
    expect(hub.actions).toEqual([])
    await hub.advance('2s')
    expect(hub.actions).toHaveLength(1)
    expect(hub.runs[0]).toMatchObject({ rule: 'quiet', key: '' })
  })

  test('makes a schedule catch up once for the ticks that it missed', async () => {
    const hub = simulate(
      rule('hourly', {
        on: cron('0 * * * *', { catchUp: true }),
        do: ({ payload }) => [shell`do ${payload.missed}`],
      }),
      { at: '2026-06-01T00:30:00Z' },
    )
    await hub.advance('1h')
    await hub.restart({ down: '10h' })
    expect(hub.actions).toMatchObject([{ argv: ['do', '0'] }, { argv: ['do', '10'] }])
  })
})

describe('actions', () => {
  test('fail as they are told to, and are tried again in virtual time', async () => {
    const hub = simulate(rule('post', { on: 'x', do: () => [webhook('http://127.0.0.1:9/')] }))
    hub.fail('webhook', 2, 'no route')
    await hub.publish('x')
    expect(hub.actions).toMatchObject([{ attempt: 1, outcome: { kind: 'retry', reason: 'no route' } }])
    await hub.advance('1m')
    expect(hub.actions).toMatchObject([
      { attempt: 1 },
      { attempt: 2 },
      { attempt: 3, outcome: { kind: 'done' } },
    ])
    expect(hub.runs).toMatchObject([{ state: 'done' }])
  })

  test('that fail for good leave a dead run, which is a message', async () => {
    const hub = simulate([
      rule('brittle', { on: 'x', do: () => [shell`a`, shell`b`] }),
      rule('watcher', {
        on: 'vigie/runs/+name',
        when: ({ payload }) => (payload as { state: string }).state === 'dead',
        do: ({ params }) => [alert({ key: params.name, title: 'dead' })],
      }),
    ])
    hub.fail('shell')
    await hub.publish('x')
    expect(hub.runs[0]).toMatchObject({ state: 'dead', steps: [{ state: 'dead' }, { state: 'skipped' }] })
    expect(hub.actions.at(-1)).toMatchObject({ kind: 'alert', key: 'brittle' })
  })

  test('give what they are told to give to those that read earlier results', async () => {
    const hub = simulate(
      rule('chain', {
        on: 'x',
        do: () => [shell`date`, (results) => publish('said', results[0]?.['stdout'])],
      }),
    )
    hub.answer('shell', { stdout: 'noon' })
    await hub.publish('x')
    expect(hub.actions.at(-1)).toMatchObject({ topic: 'said', payload: { text: 'noon' } })
  })

  test('reach nothing outside: a call is not made', async () => {
    let calls = 0
    const hub = simulate(rule('c', { on: 'x', do: () => [parallel([call(() => calls++), shell`rm -rf /`])] }))
    await hub.publish('x')
    expect(calls).toBe(0)
    expect(hub.runs).toMatchObject([{ state: 'done' }])
  })
})

describe('declarations', () => {
  const router = ping('router', { host: '192.0.2.1', fails: 3, recovers: 2 })

  test('of pings change state when the test says so', async () => {
    const hub = simulate({
      router,
      lost: rule('lost', { on: down('router'), do: () => [alert({ key: 'r', title: 'lost' })] }),
      found: rule('found', {
        on: up('router'),
        do: () => [alert({ key: 'r', title: 'found', resolve: true })],
      }),
    })
    await hub.up('router')
    await hub.down('router')
    await hub.down('router')
    await hub.up('router')
    expect(hub.actions.map(({ rule: name }) => name)).toEqual(['lost', 'found'])
    await expect(hub.down('ruoter')).rejects.toThrow('did you mean "router"?')
  })

  test('that wait for the start of the hub fire at every start', async () => {
    const hub = simulate(rule('hi', { on: startup(), do: () => [shell`hi`] }))
    await hub.advance('1s')
    await hub.restart()
    expect(hub.actions).toHaveLength(2)
  })

  test('that would not load are refused with all that is wrong', () => {
    expect(() => simulate(rule('bad', { on: 'a/#/b' as never, do: () => [] }))).toThrow('rule "bad": on:')
    expect(() =>
      simulate(rule('ex', { on: 'a', do: () => [], examples: [{ topic: 'b', expect: 'fire' }] })),
    ).toThrow('examples.0 (b)')
  })
})

describe('alerts', () => {
  const door = rule('door', {
    on: 'door',
    do: ({ event }) => alert({ key: 'door', title: 'The door is open', resolve: event.text === 'closed' }),
  })

  test('that came and went while a channel was down for an hour are not told; what goes on is, once', async () => {
    const hub = simulate(door)
    hub.fail('notify', 1_000, 'no route to the service')
    for (let minute = 0; minute < 60; minute += 2) {
      await hub.publish('door', 'open')
      await hub.advance('1m')
      await hub.publish('door', 'closed')
      await hub.advance('1m')
    }
    hub.fail('notify', 0)
    await hub.advance('10m')
    expect(hub.notifications).toEqual([])
    await hub.publish('door', 'open')
    hub.fail('notify', 1_000, 'no route to the service')
    await hub.publish('door', 'closed')
    await hub.restart({ down: '1h' })
    hub.fail('notify', 0)
    await hub.advance('10m')
    expect(hub.notifications.map(({ occasion }) => occasion)).toEqual(['news', 'resolved'])
    expect(hub.alerts).toMatchObject([{ key: 'door', state: 'resolved', incident: 31 }])
  })

  test('of rules whose runs die are raised by the hub, with how many, and resolved by the next success', async () => {
    const brittle = rule('brittle', { on: 'x', do: () => shell`true` })
    const hub = simulate(brittle)
    hub.fail('shell', 2)
    await hub.publish('x')
    await hub.publish('x')
    expect(hub.alerts).toMatchObject([{ key: 'runs/brittle', state: 'firing', count: 2 }])
    await hub.publish('x')
    expect(hub.alerts).toMatchObject([{ key: 'runs/brittle', state: 'resolved' }])
    expect(hub.notifications.map(({ occasion }) => occasion)).toEqual(['news', 'resolved'])
  })

  test('are acknowledged by clients, who are answered where they ask to be', async () => {
    const hub = simulate(door)
    await hub.publish('door', 'open')
    const asked = { origin: 'live', client: 'phone-1', properties: { responseTopic: 'me/1' } } as const
    await hub.publish('vigie/commands/alerts/door/ack', { by: 'anna' }, asked)
    expect(hub.alerts).toMatchObject([{ state: 'acknowledged', acknowledgedBy: 'anna (client "phone-1")' }])
    expect(hub.messages.find(({ topic }) => topic === 'me/1')).toMatchObject({
      payload: { ok: true, alert: { key: 'door', state: 'acknowledged' } },
    })
    expect(hub.notifications.at(-1)).toMatchObject({
      occasion: 'acknowledged',
      body: 'Acknowledged by anna (client "phone-1").',
    })
  })
})
