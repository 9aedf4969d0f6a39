// `vigie clients`: who is here, for how long, and how those left who are not; `show` one, `kick` one.

import { Option } from 'commander'
import { localTime } from '../../base/local-time.ts'
import { printable } from '../../base/printable.ts'
import { formatDuration } from '../../base/quantities.ts'
import { PRESENCE_STATES, type ClientStatus } from '../../model/client.ts'
import { ownUser } from '../../process/users.ts'
import { askHub } from '../frame/ask-hub.ts'
import { whereOptions } from '../frame/hub-address.ts'
import { type Command, type CommandInput, EXIT, UserError } from '../frame/command.ts'
import { isSure } from '../frame/confirm.ts'
import { jsonOption } from '../frame/options.ts'
import { fitted } from '../show/columns.ts'
import { type Paint, paintFor } from '../show/paint.ts'

/** Clients that the hub is asked for at one time. */
const PAGE = 500

export const clients: Command = {
  argument: ([verb]) => (verb === undefined ? undefined : 'client'),
  options: [
    new Option('--state <state>', 'only those').choices(PRESENCE_STATES),
    new Option('-y, --yes', 'with kick: disconnect without asking'),
    jsonOption(),
    ...whereOptions(),
  ],
  help: `Asks the hub, which must run. A client that is gone is listed for a week after its session has ended.
"last word" is when the client last published. "kick" ends its connection; a client of MQTT 5 is told that an
administrator did so. Its will is published, and it may connect again: "vigie user" takes permissions away.`,
  async run(input) {
    const [verb, id] = input.args
    if (verb === undefined) return list(input)
    if (verb !== 'show' && verb !== 'kick')
      throw new UserError(`"vigie clients" knows "show" and "kick", not ${JSON.stringify(verb)}.`)
    if (id === undefined) throw new UserError(`Name the client: vigie clients ${verb} ID.`)
    return verb === 'show' ? show(id, input) : kick(id, input)
  },
}

async function list(input: CommandInput): Promise<number> {
  const { options, terminal } = input
  const paint = paintFor(terminal)
  let listed = 0
  const state = options.state as string | undefined
  for (let after: string | undefined; ;) {
    const path = `/api/clients?${params({ after, state, limit: `${PAGE}` })}`
    const page = (await askHub(input, 'GET', path)) as ClientStatus[]
    for (const client of page)
      terminal.out(
        `${options.json ? JSON.stringify(client) : fitted(lineOf(client, terminal.now(), paint), terminal)}\n`,
      )
    listed += page.length
    after = page.at(-1)?.client
    if (page.length < PAGE) break
  }
  if (listed === 0 && terminal.isTty) terminal.error('No client.\n')
  return EXIT.ok
}

async function show(id: string, input: CommandInput): Promise<number> {
  const { options, terminal } = input
  const client = (await askHub(input, 'GET', `/api/clients/${encodeURIComponent(id)}`)) as ClientStatus
  if (options.json) terminal.out(`${JSON.stringify(client)}\n`)
  else
    terminal.out(
      linesOf(client, terminal.now())
        .map((line) => `${line}\n`)
        .join(''),
    )
  return EXIT.ok
}

async function kick(id: string, input: CommandInput): Promise<number> {
  const { options, terminal } = input
  const name = printable(id)
  const unasked = `${name} was not disconnected. Add --yes to do so.`
  if (!options.yes && !(await isSure(`Disconnect ${name}?`, unasked, terminal))) {
    terminal.error('Nobody was disconnected.\n')
    return EXIT.failed
  }
  const path = `/api/clients/${encodeURIComponent(id)}/kick`
  const { event } = (await askHub(input, 'POST', path, { by: ownUser() })) as { readonly event: number }
  if (options.json) terminal.out(`${JSON.stringify({ client: id, event })}\n`)
  else terminal.out(`Disconnected ${name} (event #${event}).\n`)
  return EXIT.ok
}

function lineOf(client: ClientStatus, now: number, paint: Paint): string {
  const { state, reason, since, address, protocol, user, publishedAt, session } = client
  const parts = [
    `${formatDuration(Math.max(0, now - since))}${reason === null ? '' : ` (${reason})`}`,
    printable(address),
    protocolText(protocol),
    user === null ? '' : `user ${printable(user)}`,
    publishedAt === null ? '' : `last word ${ago(publishedAt, now)}`,
    session === null ? '' : `${counted(session)}, ${session.queued} queued`,
  ]
  const head = `${state.padEnd(7)} ${paint.bold(printable(client.client))}`
  return `${head} ${parts.filter((part) => part !== '').join(', ')}`
}

function linesOf(client: ClientStatus, now: number): string[] {
  const { state, reason, since, address, protocol, user, publishedAt, session } = client
  const rows: (readonly [string, string])[] = [
    ['client', printable(client.client)],
    ['state', reason === null ? state : `${state} (${reason})`],
    ['since', `${localTime(since)} (${formatDuration(Math.max(0, now - since))})`],
    ['address', printable(address)],
    ['protocol', protocolText(protocol)],
    ['user', user === null ? 'none' : printable(user)],
    ['last word', publishedAt === null ? 'none that the hub knows of' : ago(publishedAt, now)],
    ['session', sessionText(session)],
    ...(session?.subscriptions ?? []).map(
      ({ filter, qos }) => ['subscription', `${printable(filter)} (QoS ${qos})`] as const,
    ),
  ]
  return rows.map(([name, value]) => `${name.padEnd(12)} ${value}`)
}

function sessionText(session: ClientStatus['session']): string {
  if (session === null) return 'none'
  const { queued, expirySeconds } = session
  const end =
    expirySeconds === null
      ? 'never ends'
      : expirySeconds === 0
        ? 'ends with the connection'
        : `ends ${formatDuration(expirySeconds * 1_000)} after the connection`
  return `${queued} queued, ${end}`
}

/** `MQTT 5.0`; a protocol that is not MQTT says so in its name. */
const protocolText = (protocol: string): string =>
  protocol.startsWith('MQTT') ? protocol : `MQTT ${protocol}`

const counted = ({ subscriptions: { length } }: NonNullable<ClientStatus['session']>): string =>
  `${length} subscription${length === 1 ? '' : 's'}`

const ago = (at: number, now: number): string => `${formatDuration(Math.max(0, now - at))} ago`

const params = (given: Readonly<Record<string, string | undefined>>): string =>
  new URLSearchParams(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  ).toString()
