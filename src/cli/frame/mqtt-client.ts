// The connection of a command that is an MQTT client: to the hub that `--hub` names, or to the one that runs on
// the data folder.

import type { IClientOptions, MqttClient } from 'mqtt'
import { messageOf, printable } from '../../base/printable.ts'
import { findHub } from '../../config/hub-file.ts'
import { type CommandInput, UserError } from './command.ts'
import { LOGIN_HELP, type MqttHub, mqttHub, mqttHubOption, tlsOptions } from './mqtt-hub.ts'
import { configOption, dataOption } from './options.ts'
import { dataFolder } from './settings.ts'

export const clientOptions = () => [mqttHubOption(), ...tlsOptions(), dataOption(), configOption()]

export const CLIENT_HELP = `Without --hub, the hub that runs on the data folder is meant. ${LOGIN_HELP}`

const CONNECT_MS = 10_000

export interface Connection {
  readonly client: MqttClient
  /** Resolves with the sentence that says why the connection has ended, if the hub or the network ended it. */
  readonly lost: Promise<string>
  /** Says goodbye when all that is under way is done. */
  end(): Promise<void>
}

/** Connects once. A connection that is lost is not made again. */
export async function connectTo(
  input: CommandInput,
  settings: Pick<IClientOptions, 'properties'> = {},
): Promise<Connection> {
  const hub = await hubOf(input)
  const { connect } = (await import('mqtt')).default
  const options: IClientOptions = {
    ...hub.login,
    ...hub.tls,
    ...settings,
    protocolVersion: 5,
    clientId: `vigie-cli-${process.pid}-${Math.random().toString(36).slice(2, 8)}`,
    connectTimeout: CONNECT_MS,
    reconnectPeriod: 0,
  }
  const client = connect(hub.url, options)
  await whenConnected(client, hub.url)
  const { promise: lost, resolve } = Promise.withResolvers<string>()
  let isEnding = false
  let reason: string | undefined
  client.on('error', (error) => (reason = messageOf(error)))
  client.on('disconnect', ({ reasonCode = 0, properties }) => {
    reason = properties?.reasonString ?? REASONS[reasonCode] ?? `reason ${reasonCode}`
  })
  client.on('close', () => {
    const why = reason === undefined ? '' : `: ${printable(reason)}`
    if (!isEnding) resolve(`The hub at ${hub.url} has ended the connection${why}.`)
  })
  return {
    client,
    lost,
    async end() {
      isEnding = true
      await client.endAsync()
    },
  }
}

function whenConnected(client: MqttClient, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (sentence: string): void => {
      reject(new UserError(sentence))
      client.end(true)
    }
    client.once('connect', () => resolve())
    client.once('error', (error) => fail(whyNot(url, error)))
    client.once('close', () => fail(withoutWord(url)))
  })
}

async function hubOf(input: CommandInput): Promise<MqttHub> {
  const { hub, data: named } = input.options
  const isOfEnvironment = named !== undefined && hub === process.env['VIGIE_HUB']
  if (typeof hub === 'string' && !isOfEnvironment) return mqttHub(hub, input)
  const data = await dataFolder(input.options, input.terminal.cwd)
  const here = findHub(data)
  if (here === undefined)
    throw new UserError(
      `No hub runs on ${data}. Start it ("vigie start"), name its folder with --data, or a hub with --hub mqtt://….`,
    )
  if (!here.mqtt)
    throw new UserError(
      `The hub on ${data} has no listener over plain TCP. Name one of its others with --hub.`,
    )
  return mqttHub(here.mqtt, input)
}

/** Reason codes of CONNACK and DISCONNECT that people meet (MQTT 5, 2.4). */
const REASONS: Readonly<Record<number, string>> = {
  0x85: 'it does not take this client identifier',
  0x86: 'the user or the password is wrong',
  0x87: 'this user may not log in',
  0x88: 'it is not available now',
  0x89: 'it is busy',
  0x8b: 'it is shutting down',
  0x8e: 'another client has taken this client identifier',
  0x95: 'the message is larger than it takes',
  0x97: 'a quota is used up',
  0x98: 'an administrator has ended it',
  0x9f: 'too many connect at one time',
}

function whyNot(url: string, error: unknown): string {
  const { code } = error as { readonly code?: string | number }
  if (typeof code === 'number')
    return `The hub at ${url} refuses the connection: ${REASONS[code] ?? messageOf(error)}.`
  if (code === 'ECONNRESET') return withoutWord(url)
  if (code === 'ECONNREFUSED') return `The hub at ${url} cannot be reached: nothing listens there.`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `The hub at ${url} cannot be reached: the name ${new URL(url).hostname} is not known.`
  if (typeof code === 'string' && /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/.test(code))
    return `The certificate of ${url} cannot be verified (${messageOf(error)}). Name the file of its authority with --ca.`
  return `The hub at ${url} cannot be reached: ${printable(messageOf(error))}.`
}

const withoutWord = (url: string): string =>
  `The hub at ${url} has ended the connection without a word. Is it MQTT there?`
