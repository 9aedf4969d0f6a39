// Composes listeners and access from the configuration: which users file each listener goes by, whom it lets
// in without one, and what to say when it cannot open.

import { Access } from './access/access.ts'
import { Tokens } from './access/tokens.ts'
import { TokensFileError, tokensFileOf } from './access/tokens-file.ts'
import { UsersFileError } from './access/users-file.ts'
import type { Clock } from './base/clock.ts'
import { OperatorError } from './base/operator-error.ts'
import type { Log } from './base/log.ts'
import type { Broker, Listening } from './broker/broker.ts'
import { CertificateError } from './broker/listeners/certificates.ts'
import type { ListenSettings, TlsSettings } from './broker/listeners/listener.ts'
import type { Config } from './config/config.ts'
import { ConfigError } from './config/config-error.ts'
import type { ListenerConfig, SnListenerConfig } from './config/listeners.ts'
import type { Door, Pass, TokenDoor } from './model/access.ts'

/** A listener could not be opened. */
class ListenError extends OperatorError {
  override name = 'ListenError'
}

type Admits = Pick<ListenerConfig, 'anonymous' | 'users'> & { readonly userFromCertificate?: boolean }

/** The users files in use. */
export interface Accesses {
  door(settings: Admits, host: string | undefined): Door
  /** For callers that a proxy passes on: they come from elsewhere, also when the proxy runs on this machine. */
  doorByProxy(settings: Admits): Door
  /** For callers over HTTP. */
  readonly tokens: TokenDoor
  stop(): Promise<void>
}

/**
 * Reads the users files. @throws ConfigError when one is broken, or when a listener would be exposed and open
 */
export function openAccesses(config: Config, clock: Clock, log: Log): Accesses {
  const byFile = new Map<string, Access>()
  const accessOf = ({ users = config.users }: Admits): Access => {
    const access = byFile.get(users) ?? readAccess(users)
    byFile.set(users, access)
    return access
  }
  const readAccess = (file: string): Access => {
    try {
      return new Access({ file, realm: file === config.users ? '' : file, root: config.root, clock, log })
    } catch (error) {
      if (error instanceof UsersFileError) throw new ConfigError(error.message)
      throw error
    }
  }

  for (const listener of config.listeners) {
    const isOpen = accessOf(listener).userCount === 0 && listener.anonymous === undefined
    const byCertificate = 'cert' in listener && listener.userFromCertificate
    if (listener.type === 'mqtt-sn') requireWayIn(listener)
    else if (isOpen && !byCertificate && !isLocal(hostOf(listener))) throw new ConfigError(exposed(listener))
  }
  const { host, port, anonymous, mqtt } = config.http
  const common = accessOf({})
  const tokens = readTokensOf(config, clock, log, (user) => common.passOf(user))
  if (!isLocal(host) && anonymous !== true && common.userCount + tokens.count === 0) {
    throw new ConfigError(
      `HTTP on ${host}:${port} can be reached from other machines, and there is no user who could log in, and no token. ` +
        'Add one with "vigie user add NAME" or "vigie token add NAME", let it listen on 127.0.0.1, ' +
        'or write http: { anonymous: true } if everybody may read the history.',
    )
  }
  if (mqtt !== false) accessOf(mqtt)
  for (const access of byFile.values()) access.start()
  tokens.start()
  const doorOf = (settings: Admits, local: boolean): Door => {
    const { anonymous: says = local, userFromCertificate = false } = settings
    return accessOf(settings).door({ local, anonymous: says, userFromCertificate })
  }
  return {
    tokens,
    door: (settings, at) => doorOf(settings, isLocal(at)),
    doorByProxy: (settings) => doorOf(settings, false),
    async stop() {
      tokens.stop()
      for (const access of byFile.values()) access.stop()
    },
  }
}

function readTokensOf(
  { users }: Config,
  clock: Clock,
  log: Log,
  passOf: (user: string) => Pass | null,
): Tokens {
  try {
    return new Tokens({ file: tokensFileOf(users), clock, log, passOf })
  } catch (error) {
    if (error instanceof TokensFileError) throw new ConfigError(error.message)
    throw error
  }
}

/** Opens them one after the other, and says where each is. */
export async function openListeners(
  config: Config,
  broker: Broker,
  accesses: Accesses,
  log: Log,
): Promise<Listening[]> {
  const opened: Listening[] = []
  for (const listener of config.listeners) {
    if (listener.type === 'mqtt-sn') continue
    const host = hostOf(listener)
    const listening = await explained('MQTT', '--mqtt', listener, () =>
      broker.listen(settingsOf(listener), accesses.door(listener, host), accesses.doorByProxy(listener)),
    )
    const everybody = !isLocal(host) && listener.anonymous === true ? ', open to everybody' : ''
    const name = listener.type === 'tcp' ? 'mqtt' : listener.type
    log.info(
      { listener: name, host: listening.host, port: listening.port },
      `MQTT: ${listening.url}${everybody}`,
    )
    opened.push(listening)
  }
  return opened
}

/** Opens a listener; what the system refuses is told with its place and what to do. */
export async function explained<T>(
  what: string,
  flag: string,
  place: { readonly host: string; readonly port: number } | { readonly path: string },
  listen: () => Promise<T>,
): Promise<T> {
  try {
    return await listen()
  } catch (error) {
    if (error instanceof CertificateError) throw new ListenError(error.message, { cause: error })
    const sentence =
      'host' in place
        ? addressRefusal(what, flag, place.host, place.port, error as NodeJS.ErrnoException)
        : socketRefusal(what, place.path, error as NodeJS.ErrnoException)
    throw new ListenError(sentence, { cause: error })
  }
}

function settingsOf(listener: Exclude<ListenerConfig, SnListenerConfig>): ListenSettings {
  switch (listener.type) {
    case 'tcp':
      return { kind: 'tcp', host: listener.host, port: listener.port }
    case 'tls':
      return { kind: 'tcp', host: listener.host, port: listener.port, tls: tlsOf(listener) }
    case 'ws':
      return { ...listener, kind: 'websocket' }
    case 'wss':
      return { ...listener, kind: 'websocket', tls: tlsOf(listener) }
    case 'unix':
      return { kind: 'unix', path: listener.path, mode: Number.parseInt(listener.mode, 8) }
  }
  return listener satisfies never
}

const tlsOf = ({ cert, key, ca, crl, clientCertificate }: TlsSettings): TlsSettings => ({
  cert,
  key,
  ca,
  crl,
  clientCertificate,
})

const hostOf = (listener: ListenerConfig): string | undefined =>
  listener.type === 'unix' ? undefined : listener.host

/** No client of MQTT-SN can log in: either everybody may connect, or all are one user. */
function requireWayIn({ anonymous, user, host, port }: SnListenerConfig): void {
  if (user !== undefined || anonymous === true || (anonymous === undefined && isLocal(host))) return
  throw new ConfigError(
    `Nobody could connect to the mqtt-sn listener on ${host}:${port}: MQTT-SN has neither user names nor ` +
      "passwords. Write user: 'NAME' at the listener, so that its clients have the permissions of that user, " +
      'or anonymous: true if everybody may connect.',
  )
}

/** Whether only this machine can reach it; a Unix socket has no host. */
const isLocal = (host: string | undefined): boolean =>
  host === undefined || host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host)

const exposed = (listener: Exclude<ListenerConfig, { type: 'unix' }> | ListenerConfig): string => {
  const where = 'host' in listener ? `${listener.host}:${listener.port}` : listener.path
  return (
    `The ${listener.type} listener on ${where} can be reached from other machines, and there is no ` +
    'user who could log in. ' +
    'Add one with "vigie user add NAME", or write anonymous: true at the listener if everybody may connect.'
  )
}

function addressRefusal(
  what: string,
  flag: string,
  host: string,
  port: number,
  error: NodeJS.ErrnoException,
): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return (
        `Port ${port} on ${host} is taken by another program, so ${what} cannot listen there. ` +
        `End that program (ss -ltnp shows it), or choose another port with ${flag} PORT.`
      )
    case 'EACCES':
      return (
        `${what} may not listen on port ${port} of ${host}: ports below 1024 are for root. ` +
        `Choose another with ${flag} PORT.`
      )
    case 'EADDRNOTAVAIL':
      return `${what} cannot listen on ${host}: this machine has no such address.`
    default:
      return `${what} cannot listen on ${host}, port ${port}: ${error.message}.`
  }
}

function socketRefusal(what: string, path: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE')
    return (
      `${path} exists already, and is not a socket that a stopped hub left behind, so ${what} ` +
      'cannot listen there. End the program that it belongs to, or choose another path.'
    )
  return `${what} cannot listen on ${path}: ${error.message}.`
}
