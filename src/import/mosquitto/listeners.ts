// Listeners of Mosquitto as listeners of vigie.

import { words } from '../code.ts'
import { isTrue, type Section, type Setting, valueOf } from './conf.ts'

const ALL_ADDRESSES = '0.0.0.0'

/** Why a setting is not imported. */
const REASONS: Readonly<Record<string, string>> = {
  bind_interface: 'name the address of the interface as host',
  ciphers: 'Node chooses them',
  ciphers_tls1_3: 'Node chooses them',
  dhparamfile: 'Node chooses the parameters',
  http_dir: 'the hub serves no files',
  max_connections: 'limits.connections holds for all listeners together',
  max_qos: 'each listener takes QoS 0 to 2',
  mount_point: 'there are no prefixes for listeners',
  psk_file: 'there is no TLS-PSK',
  psk_hint: 'there is no TLS-PSK',
  socket_domain: 'the host says whether it is IPv4 or IPv6',
  tls_engine: 'keys are files',
  tls_version: 'Node chooses it: 1.2 or later',
  use_subject_as_username: 'only the common name can be the user: userFromCertificate',
}
const READ = words(`
   port bind_address protocol certfile keyfile cafile crlfile allow_anonymous require_certificate
   use_identity_as_username password_file acl_file websockets_origin use_username_as_clientid
   allow_zero_length_clientid auto_id_prefix
`)

export interface ListenersFound {
  readonly listeners: readonly object[]
  readonly notes: readonly string[]
}

export function listenersOf(sections: readonly Section[]): ListenersFound {
  const notes: string[] = []
  const broker = sections[0]!
  const isEach = isTrue(valueOf(broker.settings, 'per_listener_settings'))
  const named = sections.filter(({ kind }) => kind === 'listener')
  // Before any `listener` line stands the listener of old, if it has an address or a port.
  const isOld = valueOf(broker.settings, 'port', 'bind_address') !== undefined
  const all = isOld || named.length === 0 ? [broker, ...named] : named
  const listeners = all.map((section) => {
    const { head, kind, settings } = section
    const [port = '', ...address] = kind === 'broker' ? [] : head.split(/\s+/)
    const common = isEach ? [] : broker.settings
    const of = (...keys: readonly string[]): string | undefined =>
      valueOf(settings, ...keys) ?? valueOf(common, ...keys)
    for (const { key, line } of settings)
      if (kind === 'listener' && !READ.has(key)) notes.push(notImported(key, line))
    const anonymous = of('allow_anonymous')
    // Without a listener line Mosquitto listens on loopback only, and lets everybody in.
    const isLocal = !isOld && kind === 'broker'
    const access = isLocal && anonymous === undefined ? {} : { anonymous: anonymous === 'true' }
    if (port === '0' && address.length > 0) return { type: 'unix', path: address.join(' '), ...access }
    const asked = kind === 'broker' ? of('port') : port
    const host = (kind === 'broker' ? of('bind_address') : address.join(' ')) || ALL_ADDRESSES
    const addressed = { host: isLocal ? '127.0.0.1' : host, port: Number(asked ?? 1883) }
    const isWeb = valueOf(settings, 'protocol') === 'websockets'
    const tls = tlsOf(settings)
    const origins = settings.filter(({ key }) => key === 'websockets_origin').map(({ value }) => value)
    return {
      type: isWeb ? (tls ? 'wss' : 'ws') : tls ? 'tls' : 'tcp',
      ...addressed,
      ...(isWeb && origins.length > 0 && { origins }),
      ...tls,
      ...access,
    }
  })
  return { listeners, notes }
}

function tlsOf(settings: readonly Setting[]): object | undefined {
  const of = (key: string): string | undefined => valueOf(settings, key)
  const [cert, key, ca] = [of('certfile'), of('keyfile'), of('cafile')]
  if (cert === undefined || key === undefined) return undefined
  const isRequired = isTrue(of('require_certificate'))
  const isUser = isTrue(of('use_identity_as_username'))
  return {
    cert,
    key,
    ...(ca !== undefined && { ca }),
    ...(of('crlfile') !== undefined && { crl: of('crlfile') }),
    ...(ca !== undefined && isRequired && { clientCertificate: 'required' }),
    ...(ca !== undefined && isRequired && isUser && { userFromCertificate: true }),
  }
}

export function notImported(key: string, line: number): string {
  const reason = REASONS[key]
  return `Line ${line}: "${key}" is not imported${reason === undefined ? '' : `; ${reason}`}.`
}
