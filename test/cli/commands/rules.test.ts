// `vigie rules` at a real hub: a rule is paused at a terminal, stays so through a kill, and everybody can see why it
// does not fire.
//
// Covers `src/http/api/rule-commands.ts`.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { expect, onTestFinished, test } from 'vitest'
import { startHubProcess, temporaryFolder } from '../../support/hub.ts'
import { runCommand } from '../../support/terminal.ts'

interface Command {
  readonly status: number
  readonly out: string
  readonly error: string
}

/** A folder with two rules, and a hub on it. */
async function house() {
  const folder = temporaryFolder()
  const [rules, data] = [join(folder, 'rules'), join(folder, 'data')]
  mkdirSync(rules)
  writeFileSync(
    join(rules, 'water.ts'),
    `import { publish, rule } from 'vigie'
    export const valve = rule('valve', { on: 'leak', do: () => [publish('valve/set', 'closed')] })
    export const lamp = rule('lamp', { on: 'dark', do: () => [publish('lamp/set', 'on')] })\n`,
  )
  const start = () => startHubProcess(['--data', data, '--rules', rules])
  const vigie = (...argv: string[]): Promise<Command> =>
    runCommand([...argv, '--data', data, ...(argv[0] === 'explain' ? ['--rules', rules] : [])])
  return { start, vigie }
}

test('a rule is paused with a reason, through a kill of the hub, and resumed', async () => {
  const { start, vigie } = await house()
  const killed = await start()
  const paused = await vigie('rules', 'pause', 'valve', '--reason', 'the plumber is here')
  expect(paused).toMatchObject({ status: 0, error: '' })
  expect(paused.out).toBe('The rule "valve" is paused until somebody resumes it: vigie rules resume valve\n')
  await killed.end('SIGKILL')

  const hub = await start()
  const listed = await vigie('rules')
  expect(listed.out).toMatch(/^valve +paused +fired 0, said no 0 +none +rules\/water\.ts:2$/m)
  expect(listed.out).toMatch(/^ {2}paused since 20\S+ \S+ by \S+ \(the command line\): the plumber is here$/m)
  expect(listed.out).toMatch(/^lamp +in force/m)
  expect((await vigie('status')).out).toMatch(/"valve" is paused since .*: the plumber is here/)

  const client = await connectAsync(`mqtt://127.0.0.1:${hub.mqtt}`, { protocolVersion: 5 })
  onTestFinished(() => client.endAsync(true))
  const retained = new Promise<string>((resolve) =>
    client.once('message', (_, text) => resolve(String(text))),
  )
  await client.subscribeAsync('vigie/rules/valve')
  expect(JSON.parse(await retained)).toMatchObject({ state: 'paused', reason: 'the plumber is here' })
  await client.publishAsync('leak', '', { qos: 1 })
  await expect
    .poll(async () => (await vigie('rules')).out, { timeout: 10_000, interval: 50 })
    .toMatch(/^valve +paused +fired 0, said no 1/m)
  expect((await vigie('explain', 'leak')).out).toMatch(/✗ valve .* paused: the plumber is here, says /)

  const resumed = await vigie('rules', 'resume', 'valve')
  expect(resumed).toMatchObject({ status: 0, out: 'The rule "valve" is resumed.\n' })
  await client.publishAsync('leak', '', { qos: 1 })
  await expect
    .poll(async () => (await vigie('rules')).out, { timeout: 10_000, interval: 50 })
    .toMatch(/^valve +in force +fired 1, said no 1/m)
  const said = (await vigie('history', 'vigie/rules/valve')).out
  expect(said).toMatch(/"state":"paused"[^]*"state":"resumed"|"state":"resumed"[^]*"state":"paused"/)
  expect(hub.noise).toEqual([])
})

test.each([
  [['rules', 'paus'], '"vigie rules" does not know "paus". Did you mean "pause"?'],
  [['rules', 'pause'], 'Name the rule: vigie rules pause NAME'],
  [['rules', 'pause', 'valve'], 'Say why: vigie rules pause NAME --reason'],
  [['rules', 'pause', 'v', '--reason', 'x', '--for', 'ever'], '--for: "ever" is not a duration'],
  [['rules', 'pause', 'v', '--reason', 'x', '--until', '25:00'], '--until: "25:00" is no moment'],
  [
    ['rules', 'pause', 'v', '--reason', 'x', '--for', '1h', '--until', '8:00'],
    'Give --for or --until, not both.',
  ],
])('%j is refused: %s', async (argv, sentence) => {
  const { status, error } = await runCommand([...argv, '--data', temporaryFolder()])
  expect([status, error]).toEqual([expect.any(Number), expect.stringContaining(sentence)])
  expect(status).not.toBe(0)
})
