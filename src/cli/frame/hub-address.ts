// Which hub a command asks: the one elsewhere that `--hub` or VIGIE_HUB names, or the one here that runs on the
// data folder.

import { Option } from 'commander'
import { findHub } from '../../config/hub-file.ts'
import { type CommandInput, UserError } from './command.ts'
import { configOption, dataOption } from './options.ts'
import { dataFolder } from './settings.ts'

/** The options of every command that asks a hub, or looks into its journal: where that is. */
export const whereOptions = () => [
  dataOption(),
  configOption(),
  new Option('--hub <url>', 'ask the hub at this address, such as http://nas:7883').env('VIGIE_HUB'),
  tokenOption(),
]

export const tokenOption = () => new Option('--token <token>', 'the token for that hub').env('VIGIE_TOKEN')

export interface HubAddress {
  /** Without a slash at its end: `http://127.0.0.1:7883`. */
  readonly url: string
  /** As sentences call it: "the hub on ./data", "the hub at http://nas:7883". */
  readonly name: string
  /** It runs on a data folder of this machine, and left its address there. */
  readonly isHere: boolean
  /** For a hub here: shown only when it asks for one, since the token may be for another hub. */
  readonly token?: string
}

/**
 * The hub elsewhere, if the person names one. A data folder that is named wins over the environment.
 * @throws UserError for what is no address, or when both are named
 */
export function remoteHub({ options }: CommandInput): HubAddress | undefined {
  const { hub, token, data } = options
  if (typeof hub !== 'string') return undefined
  if (data !== undefined) {
    if (hub === process.env['VIGIE_HUB']) return undefined
    throw new UserError(
      'Name the hub either by its address (--hub) or by its data folder (--data), not by both.',
    )
  }
  const url = URL.parse(hub)
  if (url !== null && /^(?:mqtts?|wss?):$/.test(url.protocol))
    throw new UserError(
      `${url.protocol}//${url.host} is an address for MQTT, and this command asks over HTTP. ` +
        `Write --hub http://${url.hostname}:7883 (the "http" address of that hub).`,
    )
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UserError(
      `${JSON.stringify(hub)} is no address of a hub. Write --hub http://nas:7883 (or https://…).`,
    )
  if (url.username !== '' || url.password !== '')
    throw new UserError(
      'The address of a hub holds no user or password: give a token with VIGIE_TOKEN or --token.',
    )
  const address = url.origin + url.pathname.replace(/\/+$/, '')
  const name = `The hub at ${address}`
  return { url: address, name, isHere: false, ...(typeof token === 'string' && { token }) }
}

/** The hub to ask: the one elsewhere, or the one that runs here. */
export async function hubAddress(input: CommandInput): Promise<HubAddress> {
  const remote = remoteHub(input)
  if (remote !== undefined) return remote
  const data = await dataFolder(input.options, input.terminal.cwd)
  const here = findHub(data)
  const { token } = input.options
  if (here !== undefined)
    return {
      url: here.http,
      name: `The hub on ${data}`,
      isHere: true,
      ...(typeof token === 'string' && { token }),
    }
  throw new UserError(
    `No hub runs on ${data}. Start it ("vigie start"), name its folder with --data, or a hub elsewhere with --hub.`,
  )
}
