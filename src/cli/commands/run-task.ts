// `vigie run --name NAME -- COMMAND…`: runs a command and tells the hub how it gets on.

import { constants } from 'node:os'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Option } from 'commander'
import { messageOf } from '../../base/printable.ts'
import { parseDuration } from '../../base/quantities.ts'
import { systemReason } from '../../base/system-reason.ts'
import { taskNameProblem } from '../../model/task.ts'
import type { Ending } from '../../runner/command.ts'
import type { RunnerOptions } from '../../runner/runner.ts'
import { type CommandInput, UserError } from '../frame/command.ts'

export const taskOptions = (): Option[] => [
  new Option('--name <name>', 'run a command as this task: vigie run --name backup -- rsync …'),
  new Option('--hub <url>', 'the hub: mqtt://, mqtts://, ws:// or wss://')
    .env('VIGIE_HUB')
    .default('mqtt://127.0.0.1:1883'),
  new Option('--progress <regex>', 'lines that tell progress (default: those with a percentage)'),
  new Option('--no-tail', 'keep the end of the output from the hub'),
  new Option(
    '--lost-after <length>',
    'how long the connection may be lost before the run counts as dead',
  ).default('30s'),
  new Option('--wait <length>', 'how long to wait for the hub when the command has ended').default('10s'),
  new Option('--ca <file>', 'certificate authority of the hub, in PEM'),
  new Option('--cert <file>', 'own certificate, in PEM'),
  new Option('--key <file>', 'key of the own certificate, in PEM'),
]

export const TASK_HELP = `With --name, the command after -- is run, with its input, output, signals and exit code as they
are. The hub is told on tasks/NAME/start, progress, done and failed. If the hub cannot be reached, the command
runs all the same. User and password: VIGIE_USER and VIGIE_PASSWORD in the environment, or VIGIE_PASSWORD_FILE
for a file that holds the password, or in the URL, where others on this machine can read them.`

/** @returns the exit status of the command; does not return when a signal ended it */
export async function runAsTask({ args, options, terminal }: CommandInput): Promise<number> {
  const settings = await settingsFrom(args, options, terminal.cwd)
  const { runTask } = await import('../../runner/runner.ts')
  const ending = await runTask({
    ...settings,
    complain: (sentence) => terminal.error(`vigie: ${sentence}\n`),
  })
  if (ending.problem !== null) terminal.error(`vigie: ${ending.problem}\n`)
  return passEnding(ending)
}

type Settings = Omit<RunnerOptions, 'complain'>

async function settingsFrom(
  args: CommandInput['args'],
  options: CommandInput['options'],
  cwd: string,
): Promise<Settings> {
  const name = String(options.name)
  const problem = taskNameProblem(name)
  if (problem !== undefined) throw new UserError(`--name: ${problem}.`)
  const argv = args.filter((arg) => arg !== undefined)
  if (argv.length === 0 || argv[0] === '')
    throw new UserError(
      `Which command? Write it after --: vigie run --name ${name} -- rsync -a /home /backup`,
    )
  const { url, login } = await hubOf(String(options.hub))
  const file = (key: 'ca' | 'cert' | 'key') => readIfNamed(key, options[key], cwd)
  return {
    name,
    argv,
    url,
    login,
    tls: { ...file('ca'), ...file('cert'), ...file('key') },
    progress: await patternOf(options.progress),
    isTailTold: options.tail !== false,
    lostAfterMs: lengthOf('--lost-after', options.lostAfter),
    patienceMs: lengthOf('--wait', options.wait),
  }
}

async function hubOf(text: string): Promise<Pick<Settings, 'url' | 'login'>> {
  const url = URL.parse(text)
  if (url === null || !/^(?:mqtts?|wss?):$/.test(url.protocol))
    throw new UserError('--hub: expected a URL such as mqtt://127.0.0.1:1883 or mqtts://hub.example:8883.')
  const { openSecrets } = await import('../../secrets/secrets.ts')
  const secrets = openSecrets(process.env, null)
  const username = decodeURIComponent(url.username) || process.env['VIGIE_USER']
  const isSet = (process.env['VIGIE_PASSWORD'] ?? process.env['VIGIE_PASSWORD_FILE']) !== undefined
  const password = decodeURIComponent(url.password) || (isSet ? secretOf(secrets) : undefined)
  url.username = ''
  url.password = ''
  return { url: url.href, login: { ...(username && { username }), ...(password && { password }) } }
}

function secretOf(secrets: (name: string) => string): string {
  try {
    return secrets('VIGIE_PASSWORD')
  } catch (error) {
    throw new UserError(messageOf(error))
  }
}

async function patternOf(text: unknown): Promise<RegExp> {
  if (typeof text !== 'string') return (await import('../../runner/progress.ts')).PERCENTAGE
  try {
    return new RegExp(text, 'u')
  } catch (error) {
    throw new UserError(`--progress: ${messageOf(error)}.`)
  }
}

function lengthOf(flag: string, text: unknown): number {
  try {
    return parseDuration(String(text))
  } catch (error) {
    throw new UserError(`${flag}: ${messageOf(error)}`)
  }
}

function readIfNamed<Key extends string>(key: Key, file: unknown, cwd: string): { [K in Key]?: Buffer } {
  if (typeof file !== 'string') return {}
  try {
    return { [key]: readFileSync(resolve(cwd, file)) } as { [K in Key]?: Buffer }
  } catch (error) {
    throw new UserError(`--${key}: ${file} cannot be read: ${systemReason(error) ?? messageOf(error)}.`)
  }
}

/** Ends as the command did: whoever waits for this process sees the same. */
async function passEnding({ code, signal }: Ending): Promise<number> {
  if (signal === null) return code
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  // A signal that this process ignores, or that reaches it only after this turn.
  await setTimeout(1_000)
  return 128 + constants.signals[signal]
}
