// What the builders make, and what they refuse; shell has a file of its own.
//
// Covers `src/rules/authoring/actions/action.ts`, `src/rules/authoring/actions/alert.ts`,
// `src/rules/authoring/actions/call.ts`, `src/rules/authoring/actions/content.ts`,
// `src/rules/authoring/actions/grace.ts`, `src/rules/authoring/actions/kill.ts`,
// `src/rules/authoring/actions/options.ts`, `src/rules/authoring/actions/process-target.ts`,
// `src/rules/authoring/actions/publish.ts`,
// `src/rules/authoring/actions/reap.ts`, `src/rules/authoring/actions/renice.ts`,
// `src/rules/authoring/actions/reply.ts`, `src/rules/authoring/actions/request.ts`,
// `src/rules/authoring/actions/restart.ts`, `src/rules/authoring/actions/selector.ts`,
// `src/rules/authoring/actions/wait.ts`, `src/rules/authoring/actions/webhook.ts`.

import { expect, it } from 'vitest'
import {
  alert,
  call,
  kill,
  publish,
  reap,
  renice,
  reply,
  restart,
  secret,
  wait,
  watch,
  webhook,
} from '../../../../src/index.ts'
import { ACTION } from '../../../../src/rules/authoring/actions/action.ts'
import type { Action } from '../../../../src/rules/authoring/actions/action.ts'
import type { ProcessReport } from '../../../../src/model/process.ts'

const specOf = (action: Action): unknown => (action[ACTION] as { spec: unknown }).spec

const process: ProcessReport = {
  identity: { boot: 'b', pid: 7, startTicks: 9 },
  pid: 7,
  ppid: 1,
  name: 'ffmpeg',
  user: 'media',
  state: 'running',
  commandLine: 'ffmpeg -i x',
  ageMs: 5,
  memoryBytes: 6,
  parent: null,
  cpuPercent: 99,
}

it.each([
  [
    publish('a/b', { on: true }),
    { kind: 'publish', topic: 'a/b', payload: { text: '{"on":true}' }, qos: 1, retain: false },
  ],
  [
    publish('a', 'ON', { qos: 0, retain: true }),
    { kind: 'publish', topic: 'a', payload: { text: 'ON' }, qos: 0, retain: true },
  ],
  [
    publish('a', Buffer.from([0, 255])),
    { kind: 'publish', topic: 'a', payload: { base64: 'AP8=' }, qos: 1, retain: false },
  ],
  [publish('a'), { kind: 'publish', topic: 'a', payload: { text: '' }, qos: 1, retain: false }],
  [
    publish('a', '', {
      expiry: '1500ms',
      contentType: 'text/plain',
      responseTopic: 'answers/1',
      correlationData: 'x1',
      userProperties: { room: 'hall' },
      properties: { payloadFormatIndicator: 1 },
    }),
    {
      kind: 'publish',
      topic: 'a',
      payload: { text: '' },
      qos: 1,
      retain: false,
      properties: {
        payloadFormatIndicator: 1,
        messageExpiryInterval: 2,
        contentType: 'text/plain',
        responseTopic: 'answers/1',
        correlationData: 'eDE=',
        userProperties: [['room', 'hall']],
      },
    },
  ],
  [wait('30s'), { kind: 'wait', lengthMs: 30_000 }],
  [
    alert({ title: 'Disk of nas is full!' }),
    {
      kind: 'alert',
      title: 'Disk of nas is full!',
      body: '',
      severity: 'warning',
      key: 'disk-of-nas-is-full',
      labels: {},
      parent: null,
      pendingMs: 0,
      resolve: false,
    },
  ],
  [
    alert({ title: 'x', key: 'ci/a+b#c', labels: { job: 'a' }, parent: 'ci', pending: '2m' }),
    {
      kind: 'alert',
      title: 'x',
      body: '',
      severity: 'warning',
      key: 'ci/a+b#c',
      labels: { job: 'a' },
      parent: 'ci',
      pendingMs: 120_000,
      resolve: false,
    },
  ],
  [
    kill(process),
    {
      kind: 'kill',
      target: { identity: process.identity, name: 'ffmpeg' },
      graceMs: 10_000,
      descendants: true,
    },
  ],
  [
    kill({ ...process, meantUser: 'media' }, { users: ['www'], descendants: false, dryRun: true }),
    {
      kind: 'kill',
      target: { identity: process.identity, name: 'ffmpeg' },
      users: ['www', 'media'],
      graceMs: 10_000,
      dryRun: true,
    },
  ],
  [
    kill({ user: 'media', unit: 'encoder' }, { grace: '0s' }),
    {
      kind: 'kill',
      target: { select: { user: 'media', unit: 'encoder' } },
      users: ['media'],
      graceMs: 0,
      descendants: true,
    },
  ],
  [
    renice(watch('hot', { process: { user: 'media' }, cpu: { above: 9 }, do: () => [] }), 19),
    { kind: 'renice', target: { watch: 'hot' }, users: ['media'], nice: 19 },
  ],
  [
    restart(['/usr/bin/worker', '--fast'], {
      stop: { name: 'worker' },
      env: { TOKEN: secret('T') },
      users: 'any',
    }),
    {
      kind: 'restart',
      argv: ['/usr/bin/worker', '--fast'],
      stop: { select: { name: 'worker' } },
      users: 'any',
      graceMs: 10_000,
      env: { TOKEN: { secret: 'T' } },
    },
  ],
  [restart(['true']), { kind: 'restart', argv: ['true'], graceMs: 10_000 }],
  [
    kill({ name: 'ffmpeg', commandLine: /-i x$/, olderThan: '1h' }, { grace: '3s' }),
    {
      kind: 'kill',
      target: { select: { name: 'ffmpeg', commandLine: '-i x$', olderThanMs: 3_600_000 } },
      graceMs: 3_000,
      descendants: true,
    },
  ],
  [
    reap(process, { parent: 'terminate' }),
    { kind: 'reap', target: { identity: process.identity, name: 'ffmpeg' }, parent: 'terminate' },
  ],
  [webhook('https://x.test/'), { kind: 'webhook', url: 'https://x.test/', method: 'POST', headers: {} }],
  [
    webhook(['https://x.test/', secret('PATH_')], {
      method: 'put',
      headers: { 'X-Key': secret('KEY') },
      form: { a: 1, b: true },
      auth: { user: 'me', password: secret('P') },
      sign: { key: secret('S') },
      expect: { status: 201, body: /ok/i },
    }),
    {
      kind: 'webhook',
      url: ['https://x.test/', { secret: 'PATH_' }],
      method: 'PUT',
      headers: { 'X-Key': { secret: 'KEY' } },
      body: { form: { a: '1', b: 'true' } },
      auth: { user: 'me', password: { secret: 'P' } },
      sign: { key: { secret: 'S' }, header: 'X-Signature-256' },
      expect: { status: [201], body: { source: 'ok', flags: 'i' } },
    },
  ],
])('makes plain data: %#', (action, spec) => {
  expect(specOf(action)).toEqual(spec)
  expect(JSON.parse(JSON.stringify(specOf(action)))).toEqual(spec)
})

it.each([
  [() => publish('a/+'), 'publish: The topic name "a/+" holds the wildcard +'],
  [() => publish('a', { n: 1n }), 'publish: n is a bigint, which JSON cannot hold'],
  [() => publish('a', { token: secret('TOKEN') }), 'secret("TOKEN") cannot become text here'],
  [() => webhook('https://x.test', { json: [secret('TOKEN')] }), 'secret("TOKEN") cannot become text here'],
  [() => `Bearer ${secret('TOKEN') as unknown as string}`, 'secret("TOKEN") cannot become text here'],
  [() => secret('a b'), 'a name is made of letters'],
  [() => webhook('file:///etc/passwd'), 'is no address that begins with http:// or https://'],
  [
    () => webhook('https://x.test', { json: 1, text: 'x' }),
    'json and text are given; one request has one body',
  ],
  [() => alert({ title: '' }), 'alert: title: expected a text that is not empty, got ""'],
  [() => alert({} as never), 'alert: it needs a title'],
  [() => alert('the door is open' as never), 'alert: expected an object, got "the door is open"'],
  [() => alert({ title: 'x', key: 7 as never }), 'alert: key: expected a text that is not empty, got 7'],
  [() => alert({ title: 'x', body: { a: 1 } as never }), 'alert: body: expected a text, got {"a":1}'],
  [() => alert({ title: 'x', titel: 'y' } as never), 'there is no key `titel`; did you mean `title`?'],
  [() => alert({ title: 'x', onFailure: alert({ title: 'y' }) as never }), 'onFailure: expected an array'],
  [
    () => alert({ title: 'x', severity: 'bad' as 'info' }),
    "severity: expected 'info' or 'warning' or 'critical', got \"bad\"",
  ],
  [() => alert({ title: 'x', key: '' }), 'key: expected a text that is not empty'],
  [() => kill({}), 'nothing says which processes are meant'],
  [() => kill({ nam: 'x' } as never), 'kill: there is no key `nam`; did you mean `name`?'],
  [() => kill(null as never), 'kill: expected an object, got null'],
  [() => kill({ name: 7 as never }), 'kill: name: expected a text that is not empty, got 7'],
  [() => kill({ commandLine: 'x' as never }), 'kill: commandLine: expected a regular expression'],
  [() => kill(process, { descendants: 'yes' as never }), 'descendants: expected true or false, got "yes"'],
  [() => kill(process, { users: 'all' as never }), "users: expected an array of user names, or 'any'"],
  [() => renice(process, 20), 'renice: expected a whole number from -20 to 19, got 20'],
  [
    () => kill(process, { grace: '2m', timeout: '2m' }),
    'the attempt ends after 2m, which is not beyond the grace',
  ],
  [() => restart(['a'], { timeout: '5s' }), 'SIGKILL would never be sent'],
  [() => restart([]), 'restart: expected a program and its arguments'],
  [() => restart('worker --fast' as never), 'restart: expected a program and its arguments'],
  [() => restart(['a\0b']), 'restart: expected a program and its arguments'],
  [() => reap(null as never), 'it takes a process as a watch reports it'],
  [() => reap(process, { parent: 'kill' as never }), "parent: expected 'nudge' or 'terminate', got \"kill\""],
  [() => publish('a', '', { expiry: '0s' }), 'publish: expiry: expected a duration'],
  [() => publish('a', '', { expiry: '50000d' }), 'publish: expiry: 50000d is longer than MQTT can say'],
  [() => publish('a', '', { contentType: 7 as never }), 'publish: contentType: expected a text, got 7'],
  [() => publish('a', '', { responseTopic: 'a/#' }), 'publish: responseTopic: The topic name "a/#"'],
  [
    () => publish('a', '', { correlationData: 7 as never }),
    'publish: correlationData: expected a text or bytes',
  ],
  [
    () => publish('a', '', { userProperties: { a: 1 } as never }),
    'expected an object of texts, or an array of pairs',
  ],
  [
    () => publish('a', '', { userProperties: [['a']] as never }),
    'expected an object of texts, or an array of pairs',
  ],
  [
    () => publish('a', '', { contentType: 'x', properties: { contentType: 'y' } }),
    'publish: properties: contentType is given by an option of its own as well',
  ],
  [() => publish(7 as never), 'publish: the topic is to be a text, got 7'],
  [() => publish('a', '', { qos: 3 as never }), 'publish: qos: expected 0 or 1 or 2, got 3'],
  [() => publish('a', '', { retain: 1 as never }), 'publish: retain: expected true or false, got 1'],
  [() => publish('a', '', { timeout: '0s' }), 'publish: timeout: expected a duration'],
  [() => publish('a', '', { retry: 3 as never }), 'publish: retry: expected an object, got 3'],
  [() => reply('a', { qos: 1 } as never), 'reply: there is no key `qos`'],
  [() => webhook(7 as never), 'webhook: the address is to be a text'],
  [() => webhook('https://x.test', { headers: { a: 1 as never } }), 'webhook: headers: expected an object'],
  [() => webhook('https://x.test', { text: 7 as never }), 'webhook: text: expected a text, got 7'],
  [() => webhook('https://x.test', { auth: { user: 'me' } as never }), '{ bearer }, or { user, password }'],
  [() => webhook('https://x.test', { sign: { key: 'k' as never } }), "sign: key: expected secret('NAME')"],
  [
    () => webhook('https://x.test', { expect: { status: '2xx' as never } }),
    'expect: status: expected an HTTP',
  ],
  [() => webhook('https://x.test', { expect: { body: 'ok' as never } }), 'expect: body: expected a regular'],
  [() => webhook('https://x.test', { tls: { certFile: 'a' } }), 'certFile and keyFile belong together'],
  [() => webhook('https://x.test', { tls: { ca: 'a' } as never }), 'webhook: tls: there is no key `ca`'],
  [() => webhook('https://x.test', { redirects: -1 }), 'redirects: expected a whole number from 0 up'],
  [() => call(() => 1, { retry: { attempts: 1.5 } }), 'call: retry: attempts: expected a whole number'],
  [() => wait(5 as never), 'wait: the length: 5 is not a duration'],
  [() => reap({} as never), 'it takes a process as a watch reports it'],
  [() => call(Promise.resolve() as never), 'the function first, and not called'],
  [() => wait('soon' as '1s'), 'wait: the length: "soon" is not a duration'],
])('refuses, with a sentence: %s', (build, sentence) => {
  expect(build).toThrow(sentence)
})

it.each([
  [webhook('https://x.test'), 10_000, 5],
  [alert({ title: 'x' }), 30_000, 5],
  [call(() => 1), 300_000, 1],
  [kill(process), 60_000, 1],
  [kill(process, { grace: '2m' }), 170_000, 1],
  [restart(['true'], { grace: '0s' }), 50_000, 1],
])('has the defaults of its kind: %#', ({ manner }, timeoutMs, attempts) => {
  expect(manner).toMatchObject({ timeoutMs, retry: { attempts } })
})
