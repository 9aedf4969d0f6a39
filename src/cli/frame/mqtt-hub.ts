// The hub as an MQTT client of the command line reaches it: its address, who logs in, and the files of TLS.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Option } from 'commander'
import { messageOf } from '../../base/printable.ts'
import { systemReason } from '../../base/system-reason.ts'
import { type CommandInput, UserError } from './command.ts'

export const DEFAULT_HUB = 'mqtt://127.0.0.1:1883'

export const mqttHubOption = (summary = 'the hub: mqtt://, mqtts://, ws:// or wss://') =>
  new Option('--hub <url>', summary).env('VIGIE_HUB')

export const tlsOptions = () => [
  new Option('--ca <file>', 'certificate authority of the hub, in PEM'),
  new Option('--cert <file>', 'own certificate, in PEM'),
  new Option('--key <file>', 'key of the own certificate, in PEM'),
]

export const LOGIN_HELP = `User and password: VIGIE_USER and VIGIE_PASSWORD in the environment, or VIGIE_PASSWORD_FILE
for a file that holds the password, or in the URL, where others on this machine can read them.`

export interface MqttHub {
  /** Without user and password. */
  readonly url: string
  readonly login: { readonly username?: string; readonly password?: string }
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer }
}

/** @throws UserError for what is no address, and for a file or a secret that cannot be read */
export async function mqttHub(text: string, { options, terminal }: CommandInput): Promise<MqttHub> {
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
  const file = (key: 'ca' | 'cert' | 'key') => readIfNamed(key, options[key], terminal.cwd)
  return {
    url: url.href,
    login: { ...(username && { username }), ...(password && { password }) },
    tls: { ...file('ca'), ...file('cert'), ...file('key') },
  }
}

function secretOf(secrets: (name: string) => string): string {
  try {
    return secrets('VIGIE_PASSWORD')
  } catch (error) {
    throw new UserError(messageOf(error))
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
