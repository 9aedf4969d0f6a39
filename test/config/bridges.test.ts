import { expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'

const URL = 'mqtts://broker.example'
const OUT = { filter: 'a/#' }

const errorOf = (bridge: object): string => {
  try {
    parseConfig({ bridges: { cloud: { url: URL, topics: [OUT], ...bridge } } }, 'x')
  } catch (error) {
    return (error as Error).message.replace('x is not a valid configuration:\n  ', '')
  }
  throw new Error('it was accepted')
}

it('has a default for everything but the address and the topics', () => {
  const { bridges } = parseConfig({ bridges: { cloud: { url: URL, topics: [{}] } } }, 'x')
  expect(bridges).toEqual({
    cloud: {
      url: URL,
      topics: [{ filter: '#', direction: 'out', from: '', to: '', qos: 1 }],
      prefer: 'first',
      version: 'auto',
      keepAlive: 60_000,
      reconnect: { first: 1_000, longest: 60_000 },
      window: 200,
      alertAfter: 60_000,
      clean: false,
      retain: true,
      broker: 'mqtt',
    },
  })
})

it('keeps the name of a secret, never a password', () => {
  const password = { secret: 'CLOUD_PASSWORD' }
  const { bridges } = parseConfig({ bridges: { cloud: { url: URL, topics: [OUT], password } } }, 'x')
  expect(bridges['cloud']?.password).toEqual(password)
  expect(errorOf({ password: 'tiger' })).toBe(
    "bridges.cloud.password: is a secret: write secret('NAME'), and put the value into the variable NAME or into a file",
  )
  expect(errorOf({ url: 'mqtt://ann:tiger@broker.example' })).toBe(
    "bridges.cloud.url: holds a user or a password; write user: '…' and password: secret('NAME') beside it",
  )
})

it.each([
  ['an address of another protocol', { url: 'http://broker.example' }, /must be an address such as/],
  ['no topic', { topics: [] }, /lists no topic/],
  ['a wildcard in a prefix', { topics: [{ from: 'a/+/' }] }, /is a prefix of topics and holds no wildcard/],
  ['a filter that is none', { topics: [{ filter: 'a/#/b' }] }, /# must stand alone in the last level/],
  ['prefixes that spell no topic', { topics: [{ filter: '', to: 'a' }] }, /topics\[0\]\.filter: .*is empty/],
  ['a setting that there is not', { topic: [] }, /bridges\.cloud\.topic: .*did you mean "topics"\?/],
  ['TLS without it', { url: 'mqtt://x', tls: {} }, /mqtt:\/\/x is none; write mqtts:\/\/x/],
  [
    'what comes in on demand',
    { onDemand: '1m', topics: [OUT, { direction: 'in' }] },
    /onDemand: is for what goes out, and topics\[1\] comes in/,
  ],
  [
    'both ways over 3.1.1',
    { version: '3.1.1', topics: [{ direction: 'both' }] },
    /topics\[0\] goes both ways, and MQTT 3\.1\.1 cannot keep a broker from sending back/,
  ],
  [
    'an echo over 3.1.1',
    { version: '3.1.1', topics: [{ filter: '#', to: 'site/' }, { direction: 'in' }] },
    /topics\[0\] goes out to 'site\/#', and topics\[1\] would bring it back/,
  ],
])('refuses %s with a sentence', (_what, bridge, sentence) => {
  expect(errorOf(bridge)).toMatch(sentence)
})

it('takes both ways over 3.1.1 where the prefixes have no topic in common', () => {
  const topics = [{ to: 'site/' }, { direction: 'in' as const, from: 'cloud/' }]
  expect(() => parseConfig({ bridges: { cloud: { url: URL, version: '3.1.1', topics } } }, 'x')).not.toThrow()
})

it('refuses a name that is no level of a topic, or that stands for something else', () => {
  for (const name of ['a/b', 'attach', ''])
    expect(() => parseConfig({ bridges: { [name]: { url: URL, topics: [OUT] } } }, 'x')).toThrow(
      /cannot be the name of a bridge/,
    )
})

it('checks the shared subscription of another broker likewise', () => {
  const attach = { url: URL, group: 'hubs', filters: ['a/#'] }
  expect(parseConfig({ attach }, 'x').attach).toMatchObject({ ...attach, qos: 1, dispatch: 'any' })
  expect(() => parseConfig({ attach: { ...attach, group: 'a/b' } }, 'x')).toThrow(
    /attach\.group: must be one/,
  )
  expect(() => parseConfig({ attach: { ...attach, filters: ['#/a'] } }, 'x')).toThrow(/attach\.filters\[0\]/)
})
