// `vigie check`: everything that is wrong with the configuration and the rules, before they go to work.

import { realpathSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { Option } from 'commander'
import { messageOf, printable } from '../../base/printable.ts'
import { systemReason } from '../../base/system-reason.ts'
import type { Config } from '../../config/config.ts'
import { ConfigError } from '../../config/config-error.ts'
import { InspectionFailed, inspectRules } from '../../engine/inspect/inspect.ts'
import type { InspectionReport } from '../../engine/inspect/inspector.ts'
import { countedDeclarations } from '../../model/declarations.ts'
import type { TypeCheck } from './check-types.ts'
import { type Command, type CommandInput, EXIT, type Terminal, UserError } from '../frame/command.ts'
import { configOption } from '../frame/options.ts'
import { paintFor } from '../show/paint.ts'
import { findConfig, loadSettings } from '../frame/settings.ts'

const MOST_OVERLAPS = 20
/** As the configuration has it where it does not load. */
const RULES_FOLDER = './rules'

export const check: Command = {
  options: [new Option('--no-types', 'leave the type checker out'), configOption()],
  help: `Checks vigie.config.ts, the rules with their examples, and the types of both.
Exits with 1 when the configuration or a rule would not load, or a type is wrong. Warnings and notes do not change that.`,
  async run({ args, options, terminal }) {
    const [named] = args
    const file = findConfig(options['config'] as string | undefined, terminal.cwd)
    const { config, problem } = await settingsOf(options, terminal.cwd)
    const rules = config?.rules ?? resolve(file === undefined ? terminal.cwd : dirname(file), RULES_FOLDER)
    const rulesDir = existing(named === undefined ? rules : resolve(terminal.cwd, named))
    const [report, types] = await Promise.all([
      inspectRules(
        { rulesDir, root: config?.root ?? 'vigie', place: config?.place },
        (loaded) => loaded,
      ).catch(told),
      options.types === false ? null : typesOf(rulesDir, file, terminal.cwd),
    ])
    const paint = paintFor(terminal)
    const wrong = [
      ...(problem === undefined ? [] : [problem]),
      ...report.failures,
      ...(types?.kind === 'checked' ? types.problems : []),
    ]
    for (const each of wrong) terminal.out(`${paint.bad('error')} ${each}\n`)
    for (const warning of report.warnings) terminal.out(`${paint.warn('warning')} ${warning}\n`)
    // Where something is wrong, that comes first.
    if (wrong.length === 0) tellOverlaps(report, terminal)
    const unchecked = types?.kind === 'unavailable' ? ` Types were not checked: ${types.reason}.` : ''
    const found = `${count(wrong.length, 'error')}, ${count(report.warnings.length, 'warning')}`
    const settings = file === undefined ? '' : `${relative(terminal.cwd, file)}, `
    terminal.out(`${settings}${countedDeclarations(report)}, ${found}.${unchecked}\n`)
    return wrong.length === 0 ? EXIT.ok : EXIT.failed
  },
}

/** The settings, or what is wrong with them; the rules are checked in either case. */
async function settingsOf(
  options: CommandInput['options'],
  cwd: string,
): Promise<{ readonly config?: Config; readonly problem?: string }> {
  try {
    return { config: await loadSettings(options, cwd) }
  } catch (error) {
    if (error instanceof ConfigError) return { problem: error.message }
    throw error
  }
}

async function typesOf(rulesDir: string, config: string | undefined, cwd: string): Promise<TypeCheck> {
  const { checkTypes } = await import('./check-types.ts')
  return checkTypes(rulesDir, config, cwd)
}

function existing(dir: string): string {
  try {
    return realpathSync(dir)
  } catch (error) {
    const why = systemReason(error) ?? messageOf(error)
    throw new UserError(
      `The folder ${dir} cannot be read: ${why}. Name the folder of the rules: vigie check DIR`,
    )
  }
}

function told(error: unknown): Omit<InspectionReport, 'version' | 'filters' | 'unreadable' | 'beyond'> {
  if (!(error instanceof InspectionFailed)) throw error
  return {
    rules: [],
    pings: [],
    watches: [],
    hosts: [],
    tasks: [],
    commands: [],
    failures: [error.message],
    warnings: [],
    overlaps: [],
  }
}

function tellOverlaps({ overlaps }: Pick<InspectionReport, 'overlaps'>, terminal: Terminal): void {
  const { dim } = paintFor(terminal)
  for (const { rules, on } of overlaps.slice(0, MOST_OVERLAPS)) {
    const [one, other] = rules.map((rule, index) => `"${rule}" (${printable(on[index] ?? '')})`)
    terminal.out(`${dim('note')} one message can fire both ${one} and ${other}\n`)
  }
  if (overlaps.length > MOST_OVERLAPS)
    terminal.out(`${dim('note')} … and ${overlaps.length - MOST_OVERLAPS} more pairs of rules\n`)
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`
