// `vigie agent`: runs the probes and orders of a hub on this machine until it is told to stop.

import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { Option } from 'commander'
import { ALLOWED_ACTIONS } from '../../agent/allowed.ts'
import type { Allowed, AllowedAction } from '../../agent/allowed.ts'
import { createLog } from '../../base/log.ts'
import { DECLARED_NAME, NAME_SENTENCE } from '../../model/declarations.ts'
import { type Command, type CommandInput, EXIT, UserError } from '../frame/command.ts'
import { DEFAULT_HUB, LOGIN_HELP, mqttHub, mqttHubOption, tlsOptions } from '../frame/mqtt-hub.ts'
import { readLength } from '../frame/options.ts'

export const agent: Command = {
  options: [
    mqttHubOption(),
    new Option('--name <name>', "as rules name this machine: host('nas') (default: its host name)"),
    new Option('--data <dir>', 'folder for what the hub has yet to be told').default('./agent-data'),
    new Option('--allow <actions>', `what the hub may do to processes here: ${ALLOWED_ACTIONS.join(',')}`),
    new Option('--users <names>', "whose processes, beside those of the agent's own user; any for all"),
    new Option(
      '--run <program>',
      'a program that the hub may start, as a whole path; may be repeated',
    ).argParser((program: string, before: readonly string[] | undefined) => [...(before ?? []), program]),
    new Option('--secrets <dir>', 'folder with the secrets that the rules of the hub may name'),
    new Option(
      '--lost-after <length>',
      'how long the connection may be lost before the agent counts as gone',
    ).default('30s'),
    new Option('--root <level>', "first level of the hub's own topics").default('vigie'),
    ...tlsOptions(),
  ],
  help: `The rules of the hub say what runs here: ping('smb', { unit: 'smbd.service', on: host('nas') }). Without
--allow and --run, the agent only looks. What happens while the hub is away is kept in the data folder, and told
later. ${LOGIN_HELP}`,
  async run(input) {
    const { options, terminal } = input
    const hub = typeof options['hub'] === 'string' ? options['hub'] : DEFAULT_HUB
    const host = nameFrom(options)
    const { startAgent } = await import('../../agent/agent.ts')
    const { messageOf } = await import('../../base/printable.ts')
    const log = createLog('agent', { level: 'info', pretty: terminal.isTty })
    terminal.outliveReader()
    const asked = stopSignal()
    const started = await startAgent({
      ...(await mqttHub(hub, input)),
      host,
      root: String(options['root']),
      lostAfterMs: readLength('--lost-after', options['lostAfter']),
      dataDir: resolve(terminal.cwd, String(options['data'])),
      secretsDir: typeof options['secrets'] === 'string' ? resolve(terminal.cwd, options['secrets']) : null,
      allowed: allowedBy(options),
      log,
    }).catch((error: unknown) => {
      throw new UserError(messageOf(error))
    })
    const end = await Promise.race([asked, started.failed])
    const isSignal = end.startsWith('SIG')
    log[isSignal ? 'info' : 'error'](isSignal ? `${end}: the agent stops.` : end)
    await started.stop()
    return isSignal ? EXIT.ok : EXIT.failed
  },
}

function nameFrom({ name = hostname() }: CommandInput['options']): string {
  if (DECLARED_NAME.test(String(name))) return String(name)
  throw new UserError(`--name: ${JSON.stringify(name)} cannot be the name of a host: ${NAME_SENTENCE}.`)
}

function allowedBy({ allow, users, run = [] }: CommandInput['options']): Allowed {
  const actions = wordsIn(allow).map((word) => {
    if ((ALLOWED_ACTIONS as readonly string[]).includes(word)) return word as AllowedAction
    throw new UserError(
      `--allow: expected some of ${ALLOWED_ACTIONS.join(',')}, got ${JSON.stringify(word)}.`,
    )
  })
  const programs = run as readonly string[]
  const relative = programs.find((program) => !program.startsWith('/'))
  if (relative !== undefined)
    throw new UserError(
      `--run: expected a whole path such as /usr/bin/worker, got ${JSON.stringify(relative)}.`,
    )
  return { actions, programs, users: users === 'any' ? 'any' : wordsIn(users) }
}

const wordsIn = (text: unknown): string[] =>
  typeof text === 'string'
    ? text
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== '')
    : []

/** The first signal stops the agent; the second one ends it at once. */
const stopSignal = (): Promise<NodeJS.Signals> =>
  new Promise((settle) => {
    let isAsked = false
    const take = (signal: NodeJS.Signals): void => {
      if (isAsked) process.exit(signal === 'SIGINT' ? 130 : 143)
      isAsked = true
      settle(signal)
    }
    process.on('SIGINT', take)
    process.on('SIGTERM', take)
  })
