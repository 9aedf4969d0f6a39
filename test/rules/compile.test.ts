// Covers `src/rules/authoring/declaration.ts`, `src/rules/authoring/declared.ts`,
// `src/rules/authoring/ping.ts`, `src/rules/authoring/place.ts`, `src/rules/authoring/rule.ts`,
// `src/rules/authoring/watch.ts`, `src/rules/compile/compile-ping.ts`, `src/rules/compile/compile-rule.ts`,
// `src/rules/compile/compile-watch.ts`, `src/rules/compile/ping-shape.ts`, `src/rules/compile/problem.ts`,
// `src/rules/compile/rule-shape.ts`, `src/rules/compile/watch-shape.ts`, `src/rules/context/stack-place.ts`,
// `src/rules/explain/examples.ts`, `src/rules/validate/leaf.ts`.

import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  alert,
  client,
  cron,
  down,
  ping,
  publish,
  rule,
  silence,
  sun,
  up,
  watch,
  will,
} from '../../src/index.ts'
import { compile } from '../../src/rules/compile.ts'
import type { RuleSet } from '../../src/rules/compile/rule-set.ts'

const load = (...declarations: unknown[]): RuleSet =>
  compile([{ file: 'rules/a.ts', exports: { default: declarations } }], { root: 'vigie' })
const sentences = (...declarations: unknown[]): string[] =>
  load(...declarations).problems.map(({ message }) => message)
/** A rule as JavaScript might have written it. */
const wild = (definition: object): unknown => rule('r', { on: 'a/b', do: () => [], ...definition })

it.each([
  [{ debonce: '5s' }, 'there is no key `debonce`; did you mean `debounce`?'],
  [{ xyz: 1 }, 'there is no key `xyz`; there are: on, payload, key, when,'],
  [{ for: 5 }, "for: expected a duration such as '250ms', '30s', '5m' or '7d', got 5"],
  [{ debounce: '5 s' }, `debounce: expected a duration such as '250ms', '30s', '5m' or '7d', got "5 s"`],
  [
    { debounce: { quiet: '5s', longst: '9s' } },
    'debounce: there is no key `longst`; did you mean `longest`?',
  ],
  [{ debounce: { quiet: '5s', longest: '1s' } }, 'debounce.longest: it is shorter than quiet'],
  [{ count: [0, '5m'] }, 'count: expected a number and a window such as [3, "10m"]'],
  [{ mode: 'paralel' }, `mode: expected 'parallel' or 'single' or 'restart' or 'queued', got "paralel"`],
  [{ mode: ['single', 2] }, "mode: expected a mode, or one with a limit such as ['queued', 10]"],
  [{ onGap: 'ignore' }, `onGap: expected 'continue' or 'restart' or 'fire' or 'drop', got "ignore"`],
  [
    { payload: { name: 'string' } },
    'payload: expected a schema, such as z.object({ … }), got {"name":"string"}',
  ],
  [{ do: [] }, 'do: expected a function, got []'],
  [{ on: [] }, 'on: '],
  [{ on: 5 }, 'on: expected a topic filter, a trigger such as will(…), or an array of them'],
  [{ on: 'a/#/b' }, 'on: The topic filter "a/#/b" has # in level 2 of 3'],
  [{ on: 'a/+x/+x' }, 'names two wildcards "x"'],
  [{ on: cron('0 25 * * *') }, 'on: cron("0 25 * * *"): '],
  [{ on: cron('0 5 * * *', { timezone: 'Mars/Base' }) }, 'there is no time zone "Mars/Base"'],
  [{ on: cron('0 0 29-31 2 1#1') }, 'on: cron("0 0 29-31 2 1#1"): it never ticks: no month has such a day'],
  [{ on: sun('sunset') }, 'on: sun("sunset"): the sun needs a place'],
  [{ on: sun('sunet' as 'sunset', { place: [48, 2] }) }, 'expected dawn, sunrise, noon, sunset, dusk, got'],
  [{ on: sun('sunset', { place: [48, 2], offset: 'soon' as '5m' }) }, '"soon" is not a duration'],
  [{ on: sun('sunrise', { place: [90, 0] }) }, 'there is no sunrise at latitude 90'],
  [{ between: ['22:00'] }, "between: expected two moments such as ['22:00', '07:00']"],
  [{ between: ['22:00', '22:00'] }, 'between: it begins and ends at 22:00'],
  [{ between: ['sunset', '07:00'] }, 'between: the sun needs a place'],
  [{ between: { from: '22:00', to: '07:00', day: 'mon' } }, 'there is no key `day`; did you mean `days`?'],
  [
    { silence: '5m', examples: [{ topic: 'a/b', expect: 'fire', at: 'noon' }] },
    'examples.0.at: expected a moment',
  ],
  [{ on: silence('d/+id', '5m', { from: 'start' }) }, "from: 'start' needs a topic without wildcards"],
  [{ on: silence('d/+id', '5m', { expect: ['e/a'] }) }, 'expect: "e/a" is not on the filter "d/+id"'],
  [{ on: silence('d/+id', '5m', { expect: ['d/+'] }) }, 'expect: '],
  [
    { on: silence('d/+id', '5m', { expect: [{ ib: 'a' } as never] }) },
    'has no wildcard named "ib"; did you mean "id"?',
  ],
  [
    { on: silence('d/+id/+x', '5m', { expect: [{ id: 'a' } as never] }) },
    'does not say what stands for "+x"',
  ],
  [{ on: silence('a', '5' as '5s') }, '"5" is not a duration'],
  [{ on: [silence('a', '5s'), 'b'] }, 'on: silence(…) stands alone'],
  [{ on: silence('a', '5s'), for: '5s' }, 'for: silence(…) has its own length'],
  [{ until: 5 }, 'until: it belongs to above or below'],
  [{ above: 80, until: 90 }, 'until: expected at most 80, where above begins, got 90'],
  [{ on: down('ruter') }, 'on: there is no ping named "ruter"; did you mean \'router\'?'],
  [{ on: up('nas') }, 'on: there is no ping named "nas"; declare one: ping(\'nas\', { host: … })'],
  [
    { examples: [{ topic: 'a/b', expect: 'maybe' }] },
    "examples.0.expect: expected 'fire' or 'skip', got \"maybe\"",
  ],
])('refuses %o with a sentence that names the file, the rule and the key', (definition, sentence) => {
  const told = sentences(wild(definition), ping('router', { host: 'r' }))
  expect(told).toContainEqual(expect.stringContaining('rules/a.ts: rule "r": '))
  expect(told).toContainEqual(expect.stringContaining(sentence))
})

it.each([
  [
    ping('p', {} as never),
    'expected one of host, tcp, url, dns, mqtt, ntp, smtp, webSocket, unit and command, got none of them',
  ],
  [ping('p', { host: 'a', tcp: 'b:1' } as never), 'got host and tcp'],
  [
    ping('p', { host: '-f' }),
    'host: expected a host name or an address that does not begin with \'-\', got "-f"',
  ],
  [ping('p', { tcp: 'nas' }), 'tcp: expected a host and a port such as \'nas:22\', got "nas"'],
  [ping('p', { url: 'ftp://x' }), 'url: "ftp://x" is no address that begins with http:// or https://'],
  [ping('p', { url: 'http://x', metod: 'HEAD' } as never), 'there is no key `metod`; did you mean `method`?'],
  [ping('p', { url: 'http://x', headers: { a: 1 } } as never), 'headers: expected an object in which each'],
  [ping('p', { url: 'http://x', tls: { certFile: 'c' } }), 'tls: certFile and keyFile belong together'],
  [
    ping('p', { url: 'http://x', method: 'HEAD', expect: { body: /a/ } }),
    'answer to a HEAD request has none',
  ],
  [
    ping('p', { tcp: 'nas:22', tls: { verify: false } } as never),
    'tls: it belongs to url and mqtt and smtp and webSocket',
  ],
  [ping('p', { host: 'a', evry: '5s' } as never), 'there is no key `evry`; did you mean `every`?'],
  [watch('p', { do: () => [] }), 'expected a condition: one of state, orphan, cpu, memory'],
  [
    watch('p', { cpu: { above: 9, for: '1m' }, for: '2m', do: () => [] }),
    'for: all conditions hold for one length',
  ],
  [
    watch('p', { files: { above: 9, for: '1m' }, zombies: { above: 9, for: '2m' }, do: () => [] }),
    'for: all conditions hold for one length',
  ],
  [
    watch('p', { state: 'idle' as never, do: () => [] }),
    "state: expected 'zombie' or 'waiting' or 'stopped'",
  ],
  [watch('p', { count: { below: 1 }, do: () => [] } as never), 'process: count.below needs to know'],
  [
    watch('p', { process: { name: 'x' }, count: { below: 1 }, cpu: { above: 1 }, do: () => [] } as never),
    'cpu: it is of one process, and count.below is of none',
  ],
  [watch('p', { cpu: { above: 1 }, retry: {}, do: () => [] } as never), 'retry: it belongs to count.below'],
  [watch('p', { process: { name: 'x' }, count: { most: 1 }, do: () => [] } as never), 'count: expected {'],
])('refuses a probe that cannot be meant: %#', (probe, sentence) => {
  expect(sentences(probe)[0]).toContain(sentence)
})

it('tells both places when two rules have one name, in whatever files', () => {
  const set = compile(
    [
      { file: 'rules/a.ts', exports: { default: rule('same', { on: 'a', do: () => [] }) } },
      { file: 'rules/b.ts', exports: { default: rule('same', { on: 'b', do: () => [] }) } },
    ],
    { root: 'vigie' },
  )
  expect(set.problems.map(({ message }) => message)).toEqual([
    'rules/b.ts: rule "same": the name is taken by rule "same" in rules/a.ts; give it another',
  ])
  expect(set.rules.map(({ file }) => file)).toEqual(['rules/a.ts'])
})

it.each(['a b', '', 'a/b', '+', '-x', 5])('refuses the name %j', (name) => {
  expect(sentences(rule(name as string, { on: 'a', do: () => [] }))[0]).toContain('a name is made of letters')
})

it('takes declarations from the default export and from named ones, each once', () => {
  const one = rule('one', { on: 'a', do: () => [] })
  const set = compile(
    [
      {
        file: 'rules/a.ts',
        exports: { default: [one], one, two: rule('two', { on: 'b', do: () => [] }), helper: () => 5 },
      },
      { file: 'rules/shared.ts', exports: { text: 'x' }, part: 'helper' },
    ],
    { root: 'vigie' },
  )
  expect(set.problems).toEqual([])
  expect(set.rules.map(({ name }) => name)).toEqual(['one', 'two'])
})

it.each([
  [
    { default: { on: 'a' } },
    'the default export holds an object that none of rule(…), ping(…), watch(…), host(…), task(…) and command(…) made',
  ],
  [{ default: ['x'] }, 'the default export holds a string'],
  [{}, 'it exports no rule'],
])('says what is odd about a file that exports %o', (exports, sentence) => {
  const { problems } = compile([{ file: 'rules/a.ts', exports }], { root: 'vigie' })
  expect(problems[0]!.message).toContain(`rules/a.ts: ${sentence}`)
})

it.each([
  ['helper', { default: 5 }, [], []],
  ['helper', {}, [], []],
  ['either', {}, [], []],
  ['either', { text: 'x' }, [], []],
  ['either', { default: { on: 'a' } }, [], ['the default export holds an object']],
  ['rules', { text: 'x' }, [], ['it exports no rule']],
  ['rules', {}, ['it exports no rule'], []],
] as const)('of a module that is there for "%s" and exports %o', (part, exports, wrong, doubtful) => {
  const { problems, warnings } = compile([{ file: 'rules/a.ts', exports, part }], { root: 'vigie' })
  const starts = (told: readonly string[]): unknown[] =>
    told.map((sentence) => expect.stringContaining(`rules/a.ts: ${sentence}`))
  expect(problems.map(({ message }) => message)).toEqual(starts(wrong))
  expect(warnings.map(({ message }) => message)).toEqual(starts(doubtful))
})

it('loads the sound rules beside the bad ones', () => {
  const set = load(wild({ for: 5 }), rule('good', { on: 'a', do: () => [] }))
  expect(set.rules.map(({ name }) => name)).toEqual(['good'])
  expect(set.problems).toHaveLength(1)
})

it('names the line of the file where the rule stands', () => {
  const set = compile(
    [
      {
        file: 'rules/compile.test.ts',
        exports: { default: rule('r', { on: 'a/#/b' as 'a', do: () => [] }) },
      },
    ],
    { root: 'vigie' },
  )
  expect(set.problems[0]!.message).toMatch(/^rules\/compile\.test\.ts:\d+: rule "r": on: /)
})

it('hands on what the hub must do for it', () => {
  const set = load(
    ping('router', { host: '192.168.1.1', every: '10s', fails: 2 }),
    ping('nas', { tcp: '[::1]:22' }),
    ping('site', { url: 'https://example.org/', expect: { status: 200, body: /ok/, certificate: '14d' } }),
    watch('hot', {
      process: { name: 'ffmpeg' },
      cpu: { above: 95, for: '2m' },
      do: ({ process }) => alert({ title: process.name }),
    }),
    watch('encoder', {
      process: { unit: 'encoder' },
      count: { below: 2, for: '30s' },
      retry: { attempts: 3 },
      do: ({ missing }) => alert({ title: `${missing.count} of ${missing.wanted}` }),
    }),
    rule('news', {
      on: [cron('0 7 * * mon-fri', { timezone: 'Europe/Paris', catchUp: true }), will('d/+id')],
      do: () => [],
    }),
    rule('off', { on: 'never/heard', enabled: false, do: () => [] }),
    rule('gone', { on: client('s-*'), do: () => [] }),
  )
  expect(set.problems).toEqual([])
  const flapping = { above: 3, until: 1 }
  const manner = { everyMs: 30_000, jitterMs: 0, timeoutMs: 5_000, fails: 3, recovers: 2, flapping }
  const alone = { dependsOn: [], isReference: false }
  expect(set.pings).toEqual([
    {
      name: 'router',
      target: { kind: 'host', host: '192.168.1.1' },
      ...manner,
      everyMs: 10_000,
      fails: 2,
      ...alone,
    },
    { name: 'nas', target: { kind: 'tcp', host: '::1', port: 22 }, ...manner, ...alone },
    {
      name: 'site',
      target: {
        kind: 'url',
        request: { url: 'https://example.org/', method: 'GET', headers: {} },
        expect: { status: [200], body: { source: 'ok', flags: '' }, certificateMs: 1_209_600_000 },
      },
      ...manner,
      ...alone,
    },
  ])
  expect(set.watches).toEqual([
    { name: 'hot', select: { name: 'ffmpeg' }, cpuAbove: 95, forMs: 120_000 },
    {
      name: 'encoder',
      select: { unit: 'encoder' },
      countBelow: 2,
      retry: { attempts: 3, minMs: 10_000, maxMs: 300_000 },
      forMs: 30_000,
    },
  ])
  expect(set.schedules).toMatchObject([
    { rule: 'news', topic: 'vigie/cron/news/0', expression: '0 7 * * mon-fri', catchUp: true },
  ])
  const monday = set.schedules[0]!.calendar.next(Date.parse('2026-11-28T00:00Z'))
  expect(monday).toBe(Date.parse('2026-11-30T06:00Z'))
  expect(set.interest).toEqual([
    'vigie/process/hot/+',
    'vigie/process/encoder/+',
    'vigie/cron/news/0',
    'd/+',
    'vigie/clients/#',
    'vigie/commands/+/+',
  ])
})

it('warns of a rule that publishes to its own filter, and of timers that all topics share', () => {
  const set = load(
    rule('loop', { on: 'a/+x', do: () => publish('a/b', 1) }),
    rule('shared', { on: 'sensors/+/temp', for: '5m', do: () => [] }),
    rule('apart', { on: 'sensors/+id/temp', for: '5m', do: () => publish('b', 1) }),
    rule('mixed', { on: 'sensors/+id/#', for: '5m', do: () => [] }),
    rule('quiet', { on: silence('sensors/+id/#', '5m'), do: () => [] }),
    rule('all-quiet', { on: silence('sensors/#', '5m'), do: () => [] }),
  )
  expect(set.problems).toEqual([])
  expect(set.warnings.map(({ message }) => message)).toEqual([
    expect.stringContaining('rule "loop": it publishes to "a/b", which is on its own filter "a/+x"'),
    expect.stringContaining('rule "shared": all topics on "sensors/+/temp" share one timer'),
    expect.stringContaining('rule "mixed": topics of the same id on "sensors/+id/#" share one timer'),
    expect.stringContaining('rule "all-quiet": all topics on "sensors/#" share one timer'),
  ])
})

it('refuses a rule whose examples fail, and tells which and why', () => {
  const base = { on: 'door/+id', payload: z.literal('open'), do: () => [] } as const
  const found = sentences(
    rule('a', { ...base, examples: [{ topic: 'door/x', payload: 'closed', expect: 'fire' }] }),
    rule('b', { ...base, examples: [{ topic: 'door/x', payload: 'open', expect: 'skip' }] }),
    rule('c', { ...base, examples: [{ topic: 'door/x/y', payload: 'open', expect: 'fire' }] }),
    rule('d', {
      ...base,
      do: () => 'rubbish' as never,
      examples: [{ topic: 'door/x', payload: 'open', expect: 'fire' }],
    }),
    rule('e', { ...base, examples: [{ topic: 'door/+', payload: 'open', expect: 'fire' }] }),
    rule('f', {
      ...base,
      for: '5m',
      examples: [
        { topic: 'door/x', payload: 'open', expect: 'fire' },
        { topic: 'door/x', payload: 'shut', expect: 'skip' },
      ],
    }),
    rule('g', {
      ...base,
      count: [3, '5m'],
      examples: [{ topic: 'door/x', payload: 'open', expect: 'fire', times: 3 }],
    }),
    rule('h', {
      on: will('d/+id'),
      when: ({ last }) => last('mode')?.payload === 'away',
      do: () => [],
      examples: [
        { topic: 'd/1', expect: 'fire', last: { mode: 'away' } },
        { topic: 'd/1', expect: 'skip', origin: 'live' },
      ],
    }),
  )
  expect(found).toEqual([
    expect.stringContaining(
      'rule "a": examples.0 (door/x): expected to fire, but payload said no: Invalid input',
    ),
    expect.stringContaining('rule "b": examples.0 (door/x): expected not to fire, but it fires'),
    expect.stringContaining(
      'rule "c": examples.0 (door/x/y): expected to fire, but the topic is not on a filter',
    ),
    expect.stringContaining('rule "d": examples.0 (door/x): rules/a.ts: rule "d": do returned a string'),
    expect.stringContaining('rule "e": examples.0 (door/+): The topic name "door/+" holds the wildcard'),
  ])
})
