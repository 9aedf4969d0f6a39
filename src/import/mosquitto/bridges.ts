// Connections of Mosquitto as bridges of vigie.

import { type Code, freeName, secretCode, secretName, words as wordsIn } from '../code.ts'
import { isTrue, type Section, type Setting, valueOf } from './conf.ts'

/** Settings that change nothing at a bridge of vigie: it does so in any case, or has no use for it. */
const NEEDLESS = wordsIn(`
   bridge_attempt_unsubscribe bridge_protocol_version bridge_reload_type bridge_tcp_keepalive
   bridge_session_expiry_interval bridge_tcp_user_timeout bridge_max_topic_alias try_private
   local_cleansession local_clientid local_password local_username notifications
   notifications_local_only threshold start_type idle_timeout bridge_tls_use_os_certs
`)
const READ = wordsIn(`
   address addresses topic username remote_username password remote_password clientid
   remote_clientid cleansession clean_session keepalive_interval restart_timeout round_robin
   notification_topic bridge_outgoing_retain bridge_cafile bridge_certfile bridge_keyfile
   bridge_insecure bridge_alpn bridge_receive_maximum
`)
/** One of these makes the connection an encrypted one. */
const TLS = ['bridge_cafile', 'bridge_capath', 'bridge_tls_use_os_certs', 'bridge_certfile', 'bridge_alpn']
const REASONS: Readonly<Record<string, string>> = {
  bridge_capath: 'name one file with the authorities: tls.ca',
  bridge_identity: 'there is no TLS-PSK',
  bridge_psk: 'there is no TLS-PSK',
  bridge_max_packet_size: 'the other side says what it takes',
  bridge_require_ocsp: 'revoked certificates are not asked for',
  bridge_tls_version: 'Node chooses it: 1.2 or later',
  bridge_bind_address: 'the system chooses the address to connect from',
}

export interface BridgesFound {
  readonly bridges: Readonly<Record<string, object>>
  readonly notes: readonly string[]
  /** The names of the secrets, and where their values stand. */
  readonly secrets: readonly { readonly name: string; readonly line: number }[]
}

export function bridgesOf(sections: readonly Section[]): BridgesFound {
  const notes: string[] = []
  const secrets: { name: string; line: number }[] = []
  const taken = new Set(['attach'])
  const bridges: Record<string, object> = {}
  for (const section of sections) {
    if (section.kind !== 'connection') continue
    const { head, line, settings } = section
    const name = freeName(head, taken, 'bridge')
    for (const setting of settings)
      if (!READ.has(setting.key) && !NEEDLESS.has(setting.key)) {
        const reason = REASONS[setting.key]
        notes.push(
          `Line ${setting.line}: "${setting.key}" is not imported${reason === undefined ? '' : `; ${reason}`}.`,
        )
      }
    const url = addressesOf(settings)
    const topics = settings.filter(({ key }) => key === 'topic').map((topic) => topicOf(topic, notes))
    const known = topics.filter((topic) => topic !== undefined)
    if (url.length === 0 || known.length === 0) {
      const what = url.length === 0 ? 'address' : 'topic'
      notes.push(`Line ${line}: the connection "${head}" is not imported: it has no ${what}.`)
      continue
    }
    bridges[name] = {
      url: url.length === 1 ? url[0] : url,
      ...connectionOf(settings, name, secrets),
      ...demandOf(settings, known, line, notes),
      topics: known,
    }
  }
  return { bridges, notes, secrets }
}

function addressesOf(settings: readonly Setting[]): readonly string[] {
  const isSafe = TLS.some((key) => valueOf(settings, key) !== undefined)
  return settings
    .filter(({ key }) => key === 'address' || key === 'addresses')
    .flatMap(({ value }) => value.split(/\s+/))
    .filter((address) => address !== '')
    .map((address) => `${isSafe ? 'mqtts' : 'mqtt'}://${withPort(address)}`)
}

/** Mosquitto's default port is 1883, also over TLS. */
function withPort(address: string): string {
  const [, host, port = '1883'] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(address) ?? []
  return host === undefined ? `[${address}]:1883` : `${host}:${port}`
}

function connectionOf(
  settings: readonly Setting[],
  name: string,
  secrets: { name: string; line: number }[],
): object {
  const of = (...keys: readonly string[]): string | undefined => valueOf(settings, ...keys)
  const user = of('remote_username', 'username')
  const passwordAt = settings.findLast(({ key }) => key === 'remote_password' || key === 'password')
  let password: Code | undefined
  if (passwordAt !== undefined) {
    const secret = secretName(name, 'password')
    secrets.push({ name: secret, line: passwordAt.line })
    password = secretCode(secret)
  }
  const clientId = of('remote_clientid', 'clientid')
  const keepAlive = of('keepalive_interval')
  const [first, longest = first] = of('restart_timeout')?.split(/\s+/) ?? []
  const window = Number(of('bridge_receive_maximum') ?? 0)
  const status = of('notification_topic')
  const tls = tlsOf(settings)
  return {
    ...(isTrue(of('round_robin')) && { prefer: 'any' }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(clientId !== undefined && { clientId }),
    ...(isTrue(of('cleansession', 'clean_session')) && { clean: true }),
    ...(keepAlive !== undefined && { keepAlive: `${keepAlive}s` }),
    ...(first !== undefined && { reconnect: { first: `${first}s`, longest: `${longest}s` } }),
    ...(Object.keys(tls).length > 0 && { tls }),
    ...(window > 0 && { window }),
    ...(of('bridge_outgoing_retain') === 'false' && { retain: false }),
    ...(status !== undefined && { status }),
  }
}

function tlsOf(settings: readonly Setting[]): object {
  const of = (key: string): string | undefined => valueOf(settings, key)
  const [ca, cert, key] = [of('bridge_cafile'), of('bridge_certfile'), of('bridge_keyfile')]
  const alpn = of('bridge_alpn')
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(isTrue(of('bridge_insecure')) && { verify: false }),
    ...(alpn !== undefined && { alpn: [alpn] }),
  }
}

/** `start_type lazy`: connected while there is something to send. */
function demandOf(
  settings: readonly Setting[],
  topics: readonly { readonly direction?: string }[],
  line: number,
  notes: string[],
): object {
  const start = valueOf(settings, 'start_type')
  if (start === undefined || start === 'automatic') return {}
  if (start === 'lazy' && topics.every(({ direction }) => direction === undefined))
    return { onDemand: `${valueOf(settings, 'idle_timeout') ?? '60'}s` }
  notes.push(
    `Line ${line}: "start_type ${start}" is not imported: a bridge stays connected where something comes in.`,
  )
  return {}
}

interface Topic {
  readonly filter?: string
  readonly direction?: 'in' | 'both'
  readonly from?: string
  readonly to?: string
  readonly qos: number
}

/** `topic PATTERN [DIRECTION [QOS [LOCAL-PREFIX [REMOTE-PREFIX]]]]`; `""` is an empty text. */
function topicOf({ value, line }: Setting, notes: string[]): Topic | undefined {
  const words = (value.match(/"[^"]*"|\S+/g) ?? []).map((word) => (word === '""' ? '' : word))
  const [filter, direction = 'out', qos = '0', local = '', remote = ''] = words
  if (filter === undefined || !['in', 'out', 'both'].includes(direction) || !/^[012]$/.test(qos)) {
    notes.push(`Line ${line}: "topic ${value}" is not imported: it is no topic line of a connection.`)
    return undefined
  }
  const [from, to] = direction === 'in' ? [remote, local] : [local, remote]
  return {
    ...(filter !== '#' && { filter }),
    ...(direction !== 'out' && { direction: direction as 'in' | 'both' }),
    ...(from !== '' && { from }),
    ...(to !== '' && { to }),
    qos: Number(qos),
  }
}
