// Covers `src/cli/commands/pub-wait.ts`, `src/cli/show/run-lines.ts`, `src/cli/commands/sub.ts`, `src/cli/commands/tail.ts`, `src/cli/frame/mqtt-client.ts`,
// `src/cli/frame/subscription.ts`, `src/cli/show/message-lines.ts`: the command line as an MQTT client.

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { beforeAll, expect, it } from 'vitest'
import { startHubProcess, temporaryFolder } from '../../support/hub.ts'
import { forAllTests } from '../../support/lifetime.ts'
import type { Terminal } from '../../../src/cli/frame/command.ts'
import { runCommand } from '../../support/terminal.ts'
import type { Printed } from '../../support/terminal.ts'

const SHOP = `
import { publish, rule, shell } from 'vigie'

export const order = rule('order', { on: 'shop/orders', do: () => [publish('shop/taken', 'yes')] })
export const broken = rule('broken', {
  on: 'shop/broken',
  do: () => [shell({ retry: { attempts: 1 } })\`false\`],
})
export const slow = rule('slow', { on: 'shop/slow', do: () => [shell\`sleep 5\`] })
`

let data: string
beforeAll(
  forAllTests(async () => {
    data = temporaryFolder()
    const rules = temporaryFolder()
    writeFileSync(join(rules, 'shop.ts'), SHOP)
    await startHubProcess(['--data', data, '--rules', rules])
  }),
)

const pub = (...args: string[]) => runCommand(['pub', ...args, '--data', data])

/** A command that goes on; `printed` waits for its lines. */
function goesOn(argv: readonly string[], folder = data) {
  const interruption = new AbortController()
  const lines: string[] = []
  let heard = (): void => {}
  const terminal: Partial<Terminal> = {
    interrupted: () => interruption.signal,
    out: (text) => {
      lines.push(text.trimEnd())
      heard()
    },
  }
  const done = runCommand([...argv, '--data', folder], terminal)
  return {
    done,
    lines,
    interrupt: (): Promise<Printed> => {
      interruption.abort()
      return done
    },
    async printed(count: number): Promise<string[]> {
      while (lines.length < count) await new Promise<void>((resolve) => (heard = resolve))
      return lines
    },
  }
}

/** Publishes until the command has printed something, since nobody else knows when it has subscribed. */
async function whenHeard(command: ReturnType<typeof goesOn>, topic: string): Promise<void> {
  while (command.lines.length === 0) {
    await pub(topic, 'are you there?')
  }
}

it('hands on what is published: text, a file, the standard input, each of its lines', async () => {
  const file = join(data, 'payload')
  writeFileSync(file, Buffer.from([0, 255]))
  await pub('pub/text', 'hello')
  await pub('pub/empty')
  await pub('pub/file', '--file', file)
  const whole = { input: () => Readable.from([Buffer.from('two\nlines\n')]) }
  await runCommand(['pub', 'pub/stdin', '--stdin', '--data', data], whole)
  const lines = Array.from({ length: 250 }, (_, index) => `line ${index}`)
  await runCommand(['pub', 'pub/lines', '--lines', '--data', data], {
    input: () => Readable.from([`${lines.join('\n')}\n`]),
  })
  const { out } = await runCommand(['history', 'pub/#', '--json', '-n', '999', '--data', data])
  const found = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { topic: string; payload: unknown; qos: number })
  expect(found.slice(0, 4)).toMatchObject([
    { topic: 'pub/text', payload: 'hello', qos: 1 },
    { topic: 'pub/empty', payload: '' },
    { topic: 'pub/file', payload: 'AP8=' },
    { topic: 'pub/stdin', payload: 'two\nlines\n' },
  ])
  expect(found.slice(4).map(({ payload }) => payload)).toEqual(lines)
})

it('waits for what the rules do, and fails when a run has failed or the time is over', async () => {
  const wait = (topic: string, length = '30s', ...more: string[]) =>
    pub(topic, 'x', '--wait', length, ...more)
  expect(await wait('nobody/waits')).toMatchObject({
    status: 0,
    out: expect.stringMatching(/has fired no rule/),
  })
  const done = await wait('shop/orders')
  expect(done).toMatchObject({ status: 0, error: '' })
  expect(done.out).toMatch(/#\d+ done +order .*\n {4}0 done .*publish/)
  const dead = await wait('shop/broken')
  expect([dead.status, dead.error]).toEqual([1, ''])
  expect(dead.out).toMatch(/dead +broken/)
  const late = await wait('shop/slow', '50ms')
  expect([late.status, late.error]).toEqual([1, expect.stringMatching(/^vigie: After 50ms /)])
  const json = JSON.parse((await wait('shop/orders', '30s', '--json')).out) as { runs: { state: string }[] }
  expect(json.runs).toMatchObject([{ state: 'done' }])
})

it('says what --wait cannot do', async () => {
  expect((await pub('a', 'x', '--wait', 'soon')).error).toContain('--wait: ')
  expect((await pub('a/../b', 'x', '--wait', '1s')).error).toContain('an address cannot hold it')
  expect((await pub('a', 'x', '--wait', '1h')).error).toContain('must be between 1ms and 5m')
  const elsewhere = await runCommand(['pub', 'a', 'x', '--wait', '1s', '--hub', 'mqtt://127.0.0.1:1'])
  expect(elsewhere.error).toContain('Write --hub http://127.0.0.1:7883')
})

it('hands on the properties of a message, and what is retained', async () => {
  const properties = ['--expiry', '90s', '--content-type', 'text/plain', '--response-topic', 'answers/here']
  const pairs = ['--user-property', 'room=hall', '--user-property', 'room=a=b', '--correlation', 'id 7']
  await pub('kept/one', 'open', '--retain', '--qos', '2', ...properties, ...pairs)
  const { out, status } = await runCommand(['sub', 'kept/#', '--retained-only', '--json', '--data', data])
  expect(status).toBe(0)
  expect(JSON.parse(out)).toEqual({
    at: expect.any(String) as string,
    topic: 'kept/one',
    payload: 'open',
    encoding: 'text',
    qos: 1,
    retain: true,
    messageExpiryInterval: expect.closeTo(90, -1) as number,
    contentType: 'text/plain',
    responseTopic: 'answers/here',
    correlationData: 'aWQgNw==',
    userProperties: { room: ['hall', 'a=b'] },
  })
})

it('prints what comes, as many messages as are wanted', async () => {
  await pub('counted/a', 'first', '--retain')
  await pub('counted/b', 'second', '--retain')
  const { out, status } = await runCommand(['sub', 'counted/a', 'counted/b', '--count', '2', '--data', data])
  expect(out.trimEnd().split('\n').toSorted()).toEqual([
    'counted/a first (retained)',
    'counted/b second (retained)',
  ])
  expect(status).toBe(0)
})

it('ends when the time is over, and fails where more was wanted', async () => {
  const argv = ['sub', 'nothing/here', '--timeout', '50ms', '--data', data]
  expect((await runCommand(argv)).status).toBe(0)
  expect((await runCommand([...argv, '--count', '1'])).status).toBe(1)
})

it('shows all that passes with its time, but nothing that was retained before, until it is interrupted', async () => {
  await pub('tailed/old', 'retained', '--retain')
  const command = goesOn(['tail', 'tailed/+'])
  await whenHeard(command, 'tailed/new')
  const [first] = await command.printed(1)
  expect(first).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} tailed\/new are you there\?$/)
  expect((await command.interrupt()).status).toBe(0)
})

it.each([
  [['pub', 'a/+', 'x'], /vigie: .*\+/],
  [['pub', 'a', 'x', '--stdin'], /The payload is given twice: as "x" and by --stdin/],
  [['pub', 'a', 'x', '--expiry', '3'], /--expiry: /],
  [['pub', 'a', 'x', '--user-property', 'room'], /"room" is to be NAME=VALUE/],
  [['pub', 'vigie/x', 'y'], /The hub did not take the message: .*ot authorized/],
  [['sub', 'a#'], /must stand alone/],
  [['sub', 'a', '--timeout', 'soon'], /--timeout: /],
])('says what is wrong with %j', async (argv, sentence) => {
  const { status, error } = await runCommand([...argv, '--data', data])
  expect(error).toMatch(sentence)
  expect(status).toBe(1)
})

it('says why a hub cannot be reached', async () => {
  expect((await runCommand(['pub', 'a', '--data', temporaryFolder()])).error).toMatch(
    /^vigie: No hub runs on /,
  )
  const server = createServer((socket) => socket.destroy())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const ended = await runCommand(['pub', 'a', '--hub', `mqtt://127.0.0.1:${port}`])
  expect(ended.error).toMatch(/has ended the connection without a word\. Is it MQTT there\?/)
  server.close()
  await once(server, 'close')
  const { error } = await runCommand(['sub', 'a', '--hub', `mqtt://127.0.0.1:${port}`])
  expect(error).toBe(`vigie: The hub at mqtt://127.0.0.1:${port} cannot be reached: nothing listens there.\n`)
})

it('says that the hub has ended the connection', async () => {
  const other = temporaryFolder()
  const mortal = await startHubProcess(['--data', other, '--rules', temporaryFolder()])
  const command = goesOn(['sub', 'heard'], other)
  while (command.lines.length === 0) await runCommand(['pub', 'heard', 'x', '--data', other])
  await mortal.end('SIGTERM')
  const { error, status } = await command.done
  expect(error).toMatch(
    /^vigie: The hub at mqtt:\/\/127\.0\.0\.1:\d+ has ended the connection: it is shutting down\.$/m,
  )
  expect(status).toBe(1)
})
