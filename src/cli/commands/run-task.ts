// `vigie run --name NAME -- COMMAND…`: runs a command and tells the hub how it gets on.

import { constants } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { Option } from 'commander'
import { messageOf } from '../../base/printable.ts'
import { taskNameProblem } from '../../model/task.ts'
import type { Ending } from '../../runner/command.ts'
import type { RunnerOptions } from '../../runner/runner.ts'
import { type CommandInput, UserError } from '../frame/command.ts'
import { readLength } from '../frame/options.ts'
import { DEFAULT_HUB, LOGIN_HELP, mqttHub, mqttHubOption, tlsOptions } from '../frame/mqtt-hub.ts'

export const taskOptions = (): Option[] => [
  new Option('--name <name>', 'run a command as this task: vigie run --name backup -- rsync …'),
  mqttHubOption('the hub: mqtt://, mqtts://, ws:// or wss:// with --name; http:// or https:// without'),
  new Option('--progress <regex>', 'lines that tell progress (default: those with a percentage)'),
  new Option('--no-tail', 'keep the end of the output from the hub'),
  new Option(
    '--lost-after <length>',
    'how long the connection may be lost before the run counts as dead',
  ).default('30s'),
  new Option('--wait <length>', 'how long to wait for the hub when the command has ended').default('10s'),
  ...tlsOptions(),
]

export const TASK_HELP = `With --name, the command after -- is run, with its input, output, signals and exit code as they
are. The hub is told on tasks/NAME/start, progress, done and failed. If the hub cannot be reached, the command
runs all the same. ${LOGIN_HELP}`

/** @returns the exit status of the command; does not return when a signal ended it */
export async function runAsTask(input: CommandInput): Promise<number> {
  const { terminal } = input
  const settings = await settingsFrom(input)
  terminal.outliveReader()
  const { runTask } = await import('../../runner/runner.ts')
  const ending = await runTask({
    ...settings,
    complain: (sentence) => terminal.error(`vigie: ${sentence}\n`),
  })
  if (ending.problem !== null) terminal.error(`vigie: ${ending.problem}\n`)
  return passEnding(ending)
}

type Settings = Omit<RunnerOptions, 'complain'>

async function settingsFrom(input: CommandInput): Promise<Settings> {
  const { args, options } = input
  const name = String(options.name)
  const problem = taskNameProblem(name)
  if (problem !== undefined) throw new UserError(`--name: ${problem}.`)
  const argv = args.filter((arg) => arg !== undefined)
  if (argv.length === 0 || argv[0] === '')
    throw new UserError(
      `Which command? Write it after --: vigie run --name ${name} -- rsync -a /home /backup`,
    )
  return {
    name,
    argv,
    ...(await mqttHub(typeof options.hub === 'string' ? options.hub : DEFAULT_HUB, input)),
    progress: await patternOf(options.progress),
    isTailTold: options.tail !== false,
    lostAfterMs: readLength('--lost-after', options.lostAfter),
    patienceMs: readLength('--wait', options.wait),
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

/** Ends as the command did: whoever waits for this process sees the same. */
async function passEnding({ code, signal }: Ending): Promise<number> {
  if (signal === null) return code
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  // A signal that this process ignores, or that reaches it only after this turn.
  await setTimeout(1_000)
  return 128 + constants.signals[signal]
}
