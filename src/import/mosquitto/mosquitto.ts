// `vigie import mosquitto`: mosquitto.conf becomes a configuration. Its listeners, limits and connections
// (bridges) come along; users and permissions do by a command that is named.

import { inComment, source, words } from '../code.ts'
import type { Imported } from '../imported.ts'
import { bridgesOf } from './bridges.ts'
import { parseConf, type Section, valueOf } from './conf.ts'
import { listenersOf, notImported } from './listeners.ts'

/** What vigie does in any case, or has no use for. */
const NEEDLESS = words(`
   autosave_interval autosave_on_changes connection_messages log_dest log_facility log_timestamp
   log_timestamp_format log_type per_listener_settings persistence persistence_file
   persistence_location pid_file set_tcp_nodelay sys_interval user websockets_headers_size
   websockets_log_level upgrade_outgoing_qos allow_duplicate_messages
`)
const LIMITS: Readonly<Record<string, readonly [name: string, unit: 'count' | 'bytes' | 'seconds']>> = {
  max_inflight_messages: ['inflight', 'count'],
  max_queued_messages: ['queueMessages', 'count'],
  max_queued_bytes: ['queueSize', 'bytes'],
  message_size_limit: ['packetSize', 'bytes'],
  max_packet_size: ['packetSize', 'bytes'],
  max_keepalive: ['keepAlive', 'seconds'],
  max_topic_alias: ['topicAliases', 'count'],
  global_max_clients: ['sessions', 'count'],
  global_max_connections: ['connections', 'count'],
}
const OF_LISTENERS = words(`
   port bind_address allow_anonymous password_file acl_file protocol certfile keyfile cafile crlfile
   require_certificate use_identity_as_username allow_zero_length_clientid auto_id_prefix
`)
const REASONS: Readonly<Record<string, string>> = {
  include_dir: 'import those files, too, or join them to one first',
  plugin: 'there are no plugins',
  auth_plugin: 'there are no plugins',
  persistent_client_expiration: 'sessions of 3.1.1 clients are kept up to limits.sessions',
  queue_qos0_messages: 'QoS 0 messages do not wait for absent clients',
  retain_available: 'messages are retained',
  memory_limit: 'each kind of queue has its own limit',
}

/** @param file what to call the file in the configuration */
export function importMosquitto(text: string, file: string): Imported {
  const sections = parseConf(text)
  const broker = sections[0]!
  const { listeners, notes: ofListeners } = listenersOf(sections)
  const { bridges, notes: ofBridges, secrets } = bridgesOf(sections)
  const { limits, notes: ofBroker } = limitsOf(broker)
  const settings = {
    listeners,
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(Object.keys(bridges).length > 0 && { bridges }),
  }
  const imports = secrets.length > 0 ? 'defineConfig, secret' : 'defineConfig'
  const lines = [
    `// Imported from ${inComment(file)}; see docs/from-mosquitto.md for what means what.`,
    '',
    `import { ${imports} } from 'vigie'`,
    '',
    `export default defineConfig(${source(settings)})`,
  ]
  return {
    files: [{ name: 'vigie.config.ts', text: `${lines.join('\n')}\n` }],
    notes: [
      ...[...ofBroker, ...ofListeners, ...ofBridges].toSorted((a, b) => lineOf(a) - lineOf(b)),
      ...secrets.map(
        ({ name, line }) =>
          `Line ${line}: the password is not copied. Put it into the environment variable ${name}.`,
      ),
    ],
    next: usersOf(sections),
  }
}

const lineOf = (note: string): number => Number(/^Line (\d+)/.exec(note)?.[1] ?? 0)

function limitsOf({ settings }: Section) {
  const limits: Record<string, string | number> = {}
  const notes: string[] = []
  for (const { key, value, line } of settings) {
    const limit = LIMITS[key]
    if (limit === undefined) {
      if (NEEDLESS.has(key) || OF_LISTENERS.has(key)) continue
      const reason = REASONS[key]
      notes.push(
        reason === undefined ? notImported(key, line) : `Line ${line}: "${key}" is not imported; ${reason}.`,
      )
      continue
    }
    const [name, unit] = limit
    // Mosquitto's 0 stands for "no limit", and its -1 for the same.
    if (!/^\d+$/.test(value) || Number(value) === 0) continue
    limits[name] = unit === 'count' ? Number(value) : value + (unit === 'bytes' ? 'B' : 's')
  }
  return { limits, notes }
}

/** The commands that import users and permissions, one for each pair of files. */
function usersOf(sections: readonly Section[]): string[] {
  const commands = sections.map(({ settings }) => {
    const passwords = valueOf(settings, 'password_file')
    const acl = valueOf(settings, 'acl_file')
    if (passwords === undefined) return undefined
    return `vigie user import ${passwords}${acl === undefined ? '' : ` --acl ${acl}`}`
  })
  return [...new Set(commands.filter((command) => command !== undefined))]
}
