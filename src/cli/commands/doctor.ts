// `vigie doctor`: what is wrong with a hub, or will be when it starts, and how to mend it. Nothing is changed, and nobody
// is told.

import type { Config } from '../../config/config.ts'
import { ConfigError } from '../../config/config-error.ts'
import { findHub } from '../../config/hub-file.ts'
import { bad, type Finding, good, type Patient } from '../doctor/finding.ts'
import { examineFolders } from '../doctor/folders.ts'
import { examineMachine } from '../doctor/machine.ts'
import { examinePorts } from '../doctor/ports.ts'
import { examineChannels, examineHub, examineSecrets } from '../doctor/services.ts'
import { type Command, type CommandInput, EXIT, type Terminal } from '../frame/command.ts'
import { configOption, dataOption, jsonOption, rulesOption } from '../frame/options.ts'
import { findConfig, loadSettings } from '../frame/settings.ts'
import { paintFor } from '../show/paint.ts'

export const doctor: Command = {
  options: [jsonOption(), rulesOption(), dataOption(), configOption()],
  help: `Looks at the configuration, the ports, files and folders, the disk, the clock, ping, the users file, certificates,
secrets, each rule file, the servers of the alert channels, and the hub, if one runs. Changes nothing and tells nobody:
"vigie alert test CHANNEL" tries a channel. Run it as the user of the hub, with its environment.
Exits with 1 when something is wrong. Warnings do not change that.`,
  async run({ options, terminal }) {
    const findings = await examine(options, terminal)
    for (const finding of findings)
      if (options['json']) terminal.out(`${JSON.stringify(finding)}\n`)
      else tell(finding, terminal)
    const wrong = findings.filter(({ state }) => state === 'bad').length
    const doubtful = findings.filter(({ state }) => state === 'warning').length
    if (!options['json'])
      terminal.out(`${wrong === 0 ? 'Nothing is wrong' : `Wrong: ${wrong}`}. Warnings: ${doubtful}.\n`)
    return wrong === 0 ? EXIT.ok : EXIT.failed
  },
}

async function examine(options: CommandInput['options'], terminal: Terminal): Promise<readonly Finding[]> {
  let config: Config
  try {
    config = await loadSettings(options, terminal.cwd)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return [bad('settings', error.message, 'Mend the configuration first: all the rest depends on it.')]
  }
  const file = findConfig(options['config'] as string | undefined, terminal.cwd)
  const patient: Patient = {
    config,
    environment: process.env,
    now: terminal.now(),
    isRunning: findHub(config.data) !== undefined,
  }
  const [machine, ports, folders, channels, hub] = await Promise.all([
    examineMachine(patient),
    examinePorts(patient),
    examineFolders(patient),
    examineChannels(patient),
    examineHub(patient),
  ])
  const settings = good(
    'settings',
    file === undefined ? 'There is no vigie.config.ts: defaults.' : `${file} is valid.`,
  )
  return [settings, ...machine, ...ports, ...folders, ...examineSecrets(patient), ...channels, ...hub]
}

const SIGN = { good: 'ok', warning: 'warning', bad: 'wrong' } as const

function tell({ about, state, says, mend }: Finding, terminal: Terminal): void {
  const paint = paintFor(terminal)
  const sign = { good: paint.good, warning: paint.warn, bad: paint.bad }[state](SIGN[state].padEnd(7))
  terminal.out(`${sign} ${paint.bold(about)}: ${says.replaceAll('\n', '\n        ')}\n`)
  if (mend !== '') terminal.out(`        ${mend}\n`)
}
