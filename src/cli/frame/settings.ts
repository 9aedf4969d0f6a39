// Where the settings of a command come from: the configuration file, then the flags, which win. The file is the one
// that `--config` names, else `vigie.config.ts` in this folder, else the one of the machine (VIGIE_CONFIG).

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { messageOf } from '../../base/printable.ts'
import { systemReason } from '../../base/system-reason.ts'
import type { Config } from '../../config/config.ts'
import { ConfigError } from '../../config/config-error.ts'
import { DATA_FOLDER } from '../../config/data-folder.ts'
import { resolveRuleImports, ruleModuleUrl } from '../../engine/load/resolve.ts'

const DEFAULT_FILE = 'vigie.config.ts'

export interface Flags {
  readonly config?: string
  readonly rules?: string
  readonly data?: string
  readonly mqtt?: number
  readonly http?: number
}

/**
 * The data folder, absolute. Without a configuration file nothing has to be checked, so the schema is not
 * loaded.
 */
export async function dataFolder(flags: Flags, cwd: string): Promise<string> {
  if (findConfig(flags.config, cwd) === undefined) return resolve(cwd, flags.data ?? DATA_FOLDER)
  return (await loadSettings(flags, cwd)).data
}

/** The configuration with the flags applied; all folders absolute. */
export async function loadSettings(flags: Flags, cwd: string): Promise<Config> {
  const { parseConfig } = await import('../../config/config.ts')
  const file = findConfig(flags.config, cwd)
  const config =
    file === undefined ? parseConfig({}, 'the defaults') : parseConfig(await readFile(file), file)
  const base = file === undefined ? cwd : dirname(file)
  const data = flags.data === undefined ? resolve(base, config.data) : resolve(cwd, flags.data)
  const rules = flags.rules === undefined ? resolve(base, config.rules) : resolve(cwd, flags.rules)
  if (isOneFolder(data, rules)) {
    throw new ConfigError(
      `${data} cannot be the folder of the data and that of the rules: whatever the hub writes would ` +
        'change its rules. ' +
        'Name another one with --data.',
    )
  }
  return {
    ...config,
    data,
    rules,
    ...(config.secrets !== undefined && { secrets: resolve(base, config.secrets) }),
    users: resolve(base, config.users),
    listeners: withPort(config.listeners, flags.mqtt).map((listener) => withPaths(listener, base)),
    bridges: Object.fromEntries(
      Object.entries(config.bridges).map(([name, bridge]) => [name, withTlsPaths(bridge, base)]),
    ),
    ...(config.attach !== undefined && { attach: withTlsPaths(config.attach, base) }),
    http: {
      ...config.http,
      ...(flags.http !== undefined && { port: flags.http }),
      mqtt: config.http.mqtt && withPaths(config.http.mqtt, base),
    },
  }
}

function isOneFolder(one: string, other: string): boolean {
  const [a, b] = [one, other].map((folder) => statSync(folder, { throwIfNoEntry: false }))
  return one === other || (a !== undefined && a.dev === b?.dev && a.ino === b.ino)
}

/** The flag is for the listener that everybody has: the first one over TCP. */
function withPort(listeners: Config['listeners'], port: number | undefined): Config['listeners'] {
  if (port === undefined) return listeners
  const first = listeners.findIndex(({ type }) => type === 'tcp')
  if (first === -1) {
    throw new ConfigError(
      '--mqtt gives the port of a listener of type "tcp", and the configuration lists none.',
    )
  }
  return listeners.map((listener, index) => (index === first ? { ...listener, port } : listener))
}

const FILES: ReadonlySet<string> = new Set(['cert', 'key', 'ca', 'crl', 'users', 'predefinedFile'])

/**
 * What a listener reads, and a Unix socket itself, lie beside the configuration file unless they say
 * otherwise.
 */
function withPaths<T extends object>(settings: T, base: string): T {
  const isUnix = 'type' in settings && settings.type === 'unix'
  const entries = Object.entries(settings).map(([name, value]: [string, unknown]) =>
    typeof value === 'string' && (FILES.has(name) || (isUnix && name === 'path'))
      ? [name, resolve(base, value)]
      : [name, value],
  )
  return Object.fromEntries(entries) as T
}

/** The files of a connection to another broker lie beside the configuration file, too. */
function withTlsPaths<T extends { readonly tls?: object | undefined }>(settings: T, base: string): T {
  return settings.tls === undefined ? settings : { ...settings, tls: withPaths(settings.tls, base) }
}

/** The configuration file; `undefined` where there is none and none is named. */
export function findConfig(named: string | undefined, cwd: string): string | undefined {
  const here = resolve(cwd, named ?? DEFAULT_FILE)
  if (existsSync(here)) return here
  if (named !== undefined)
    throw new ConfigError(
      `There is no configuration file ${here}. Name one that exists with --config, or leave it out.`,
    )
  const ofMachine = process.env['VIGIE_CONFIG']
  if (!ofMachine) return undefined
  if (existsSync(ofMachine)) return ofMachine
  throw new ConfigError(`There is no configuration file ${ofMachine}, which VIGIE_CONFIG names.`)
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new ConfigError(
      `${file} cannot be read: ${systemReason(error) ?? messageOf(error)}. Name a file that can with --config.`,
    )
  }
}

/** Imports the file as rule files are imported: TypeScript as it is, `vigie` being the running install. */
async function readFile(file: string): Promise<unknown> {
  const contentHash = createHash('sha256').update(bytesOf(file)).digest('hex').slice(0, 16)
  resolveRuleImports(contentHash)
  let module: { readonly default?: unknown }
  try {
    module = (await import(ruleModuleUrl(pathToFileURL(file), contentHash))) as typeof module
  } catch (error) {
    const reason = messageOf(error).replaceAll(`?v=${contentHash}`, '')
    throw new ConfigError(`${placeOf(error) ?? file} could not be loaded: ${reason}`)
  }
  if (module.default !== undefined) return module.default
  throw new ConfigError(`${file} exports no configuration. Write: export default defineConfig({ … })`)
}

/**
 * File, line and column of what could not be loaded, in the configuration or in what it imports. Node heads
 * the stack of a syntax error with file and line, and puts a caret under the column; of other errors the
 * first frame tells all three.
 */
function placeOf(error: unknown): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const [, url, line, column] = /(file:\/\/\/[^\s()]+?)\?v=[0-9a-f]+:(\d+)(?::(\d+))?/.exec(stack) ?? []
  if (url === undefined) return undefined
  const caret = /^ *\^/m.exec(stack)?.[0].length
  return [fileURLToPath(url), line, column ?? caret].filter((part) => part !== undefined).join(':')
}
