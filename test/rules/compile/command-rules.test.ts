// Covers `src/rules/authoring/command.ts`, `src/rules/authoring/actions/list.ts`,
// `src/rules/authoring/triggers/commanded.ts`, `src/rules/compile/compile-command.ts`,
// `src/rules/stages/refuses.ts` and `src/model/command.ts`.

import { describe, expect, it } from 'vitest'
import { command, watch } from '../../../src/index.ts'
import type { CommandOptions } from '../../../src/rules/authoring/command.ts'
import { simulate } from '../../../src/testing.ts'

const busy = watch('busy', { process: { user: 'media' }, cpu: { above: 90 }, do: () => [] })
const runaway = (more: Partial<CommandOptions> = {}) =>
  command('runaway', {
    target: { name: 'ffmpeg', user: 'media' },
    allow: ['kill', 'list', 'renice', 'restart'],
    run: ['/usr/bin/ffmpeg', '-i', 'x'],
    users: ['anna'],
    ...more,
  })

/** A hub on which two clients have logged in, and one without a user name. */
async function hubWith(...rules: Parameters<typeof simulate>[0][]) {
  const hub = simulate(rules.flat() as never)
  for (const [client, user] of [
    ['phone', 'anna'],
    ['laptop', 'eve'],
    ['sensor', null],
  ])
    await hub.publish(`vigie/clients/${client}`, { client, user, state: 'online' })
  const order = async (verb: string, payload: unknown = '', options: object = {}, name = 'runaway') => {
    const event = await hub.publish(`vigie/commands/${name}/${verb}`, payload, {
      origin: 'live',
      client: 'phone',
      ...options,
    })
    const verdict = hub.verdicts.findLast((each) => each.event === event && each.rule === name)
    return { verdict, answer: hub.messages.findLast(({ topic }) => topic.endsWith('/result'))?.payload }
  }
  return { hub, order }
}

const done = (hub: Awaited<ReturnType<typeof hubWith>>['hub']) =>
  hub.actions.filter(({ kind }) => kind !== 'publish')

describe('a command', () => {
  it('is carried out with the actions of rules, and answered with their result', async () => {
    const { hub, order } = await hubWith(runaway())
    hub.answer('kill', { processes: [{ pid: 7, name: 'ffmpeg', how: 'terminated' }] })
    const { verdict, answer } = await order('kill')
    expect(verdict).toMatchObject({ stage: 'fired' })
    expect(answer).toEqual({
      ok: true,
      command: 'runaway',
      verb: 'kill',
      dryRun: false,
      client: 'phone',
      user: 'anna',
      processes: [{ pid: 7, name: 'ffmpeg', how: 'terminated' }],
    })
    await order('kill', { dryRun: true })
    await order('list')
    await order('renice', { nice: 5 })
    await order('restart')
    const select = { name: 'ffmpeg', user: 'media' }
    expect(done(hub)).toMatchObject([
      { kind: 'kill', target: { select }, users: ['media'], descendants: true, notAfter: hub.now + 60_000 },
      { kind: 'kill', target: { select }, dryRun: true },
      { kind: 'list', target: { select } },
      { kind: 'renice', target: { select }, nice: 5 },
      { kind: 'restart', argv: ['/usr/bin/ffmpeg', '-i', 'x'], stop: { select } },
    ])
  })

  it('is answered on the response topic of MQTT 5, with its correlation data', async () => {
    const { hub, order } = await hubWith(runaway())
    const correlationData = Buffer.from('42').toString('base64')
    await order('kill', '', { properties: { responseTopic: 'answers/phone', correlationData } })
    expect(hub.messages.find(({ topic }) => topic === 'answers/phone')?.payload).toMatchObject({
      ok: true,
      verb: 'kill',
    })
    const [reply] = hub.actions.filter(({ kind }) => kind === 'publish')
    expect(reply).toMatchObject({ properties: { correlationData } })
  })

  it.each<[string, string, unknown, object]>([
    ['the user "eve" is not among those who may', 'kill', '', { client: 'laptop' }],
    ['the client "sensor" has no user name', 'kill', '', { client: 'sensor' }],
    ['the client "unheard-of" has no user name', 'kill', '', { client: 'unheard-of' }],
    ['the command was sent with the retain flag: a command is for now', 'kill', '', { retain: true }],
    ['a will gives no command', 'kill', '', { will: true, origin: 'will' }],
    ['a command over a bridge is not taken', 'kill', '', { origin: 'bridge' }],
    ['restart is not allowed; allowed: kill, renice', 'restart', '', {}],
    ['there is no verb "reboot"', 'reboot', '', {}],
    ['the payload has the unknown key "pid"', 'kill', { pid: 1 }, {}],
    ['the payload is to be empty or such as {"dryRun":true}, not "1234"', 'kill', '"1234"', {}],
    ['dryRun is to be true or false, not "yes"', 'kill', { dryRun: 'yes' }, {}],
    ['nice is to be a whole number from -20 to 19, not 99', 'renice', { nice: 99 }, {}],
  ])('is refused, in verdict and answer, when %s', async (sentence, verb, payload, options) => {
    const { hub, order } = await hubWith(runaway({ allow: ['kill', 'renice'], run: undefined as never }))
    const { verdict, answer } = await order(verb, payload, options)
    expect(verdict).toMatchObject({ stage: 'refused', reason: sentence })
    expect(answer).toMatchObject({ ok: false, error: sentence, command: 'runaway', verb })
    expect(done(hub)).toEqual([])
  })

  it('that was taken already, retained or delivered again, does nothing', async () => {
    const { hub, order } = await hubWith(runaway())
    expect((await order('kill', '', { origin: 'retained' })).verdict).toMatchObject({ stage: 'origin' })
    expect((await order('kill', '', { origin: 'redelivered' })).verdict).toMatchObject({ stage: 'origin' })
    const properties = { correlationData: Buffer.from('42').toString('base64') }
    expect((await order('kill', '', { properties })).verdict).toMatchObject({ stage: 'fired' })
    expect((await order('kill', '', { properties })).verdict).toMatchObject({ stage: 'dedupe' })
    expect((await order('list', '', { properties })).verdict).toMatchObject({ stage: 'fired' })
    expect(done(hub).map(({ kind }) => kind)).toEqual(['kill', 'list'])
  })

  it('expires by the interval of its message, or within a minute', async () => {
    const { hub, order } = await hubWith(runaway())
    await order('kill', '', { properties: { messageExpiryInterval: 5 } })
    await order('kill', '', { properties: { messageExpiryInterval: 600 } })
    expect(done(hub)).toMatchObject([{ notAfter: hub.now + 5_000 }, { notAfter: hub.now + 60_000 }])
  })

  it('says in its answer why it has failed', async () => {
    const { hub, order } = await hubWith(runaway())
    hub.fail('kill', 1, 'not ended: it hangs')
    expect((await order('kill')).answer).toMatchObject({ ok: false, error: 'not ended: it hangs' })
  })

  it('may be given by a rule, which is the word of its author, and by the machine of the hub', async () => {
    const { hub, order } = await hubWith(runaway())
    await order('kill', '', { origin: 'hub', client: undefined })
    await order('kill', { by: 'root' }, { origin: 'http', client: undefined })
    expect(done(hub)).toHaveLength(2)
  })

  it('that nobody has declared is answered as such, those of the hub itself left out', async () => {
    const { order } = await hubWith(runaway())
    expect((await order('kill', '', {}, 'sshd')).answer).toMatchObject({
      ok: false,
      error: 'there is no command "sshd"',
      command: 'sshd',
    })
    expect((await order('ack', '', {}, 'alerts')).answer).not.toHaveProperty('command')
  })
})

describe('a watch', () => {
  it('takes commands from the machine of the hub, and from no client', async () => {
    const { hub, order } = await hubWith(busy)
    expect((await order('kill', '', {}, 'busy')).answer).toMatchObject({
      ok: false,
      error: 'the user "anna" is not among those who may',
    })
    await order('kill', { dryRun: true, by: 'root' }, { origin: 'http', client: undefined }, 'busy')
    expect(done(hub)).toMatchObject([
      { rule: '@watches', kind: 'kill', target: { watch: 'busy' }, users: ['media'], dryRun: true },
    ])
    expect((await order('renice', '', { origin: 'http' }, 'busy')).answer).toMatchObject({ ok: false })
  })

  it('can be the target of a command', async () => {
    const { hub, order } = await hubWith([busy, runaway({ target: busy })])
    await order('kill')
    expect(done(hub)).toMatchObject([{ kind: 'kill', target: { watch: 'busy' }, users: ['media'] }])
  })
})

describe('a command that cannot be meant', () => {
  it.each<[ReturnType<typeof command>, string]>([
    [command('alerts', { target: { name: 'x' }, allow: ['kill'], users: [] }), 'the hub itself has commands'],
    [runaway({ run: undefined as never }), 'restart: say with `run` which program it starts'],
    [runaway({ allow: ['kill'] }), 'run: only `restart` starts it'],
    [runaway({ target: {} }), 'target: nothing says which processes are meant'],
    [runaway({ target: { pid: 7 } as never }), 'target: there is no key `pid`'],
    [
      runaway({ target: { identity: { boot: 'b', pid: 7, startTicks: 1 } } as never }),
      'target: expected a selector',
    ],
    [runaway({ allow: ['reboot' as never] }), "allow.0: expected 'kill' or 'list' or 'renice' or 'restart'"],
    [runaway({ allow: [] }), 'allow: expected at least one verb'],
    [runaway({ users: 'anna' as never }), 'users:'],
    [runaway({ user: ['anna'] } as never), 'there is no key `user`; did you mean `users`?'],
  ])('is refused: %#', (bad, sentence) => {
    expect(() => simulate(bad)).toThrow(sentence)
  })
})
