// Reads mosquitto.conf [man 5 mosquitto.conf]: settings of the broker, of the listener whose line came last,
// and of the connection (bridge) whose line came last.

export interface Setting {
  readonly key: string
  readonly value: string
  /** Counts from 1. */
  readonly line: number
}

/** What stands below a `listener` or `connection` line, or before any. */
export interface Section {
  readonly kind: 'broker' | 'listener' | 'connection'
  /** What stands behind the word: port and address, or the name. */
  readonly head: string
  readonly line: number
  readonly settings: readonly Setting[]
}

/** Settings of the broker wherever they stand, also below a listener. */
const OF_THE_BROKER = new Set([
  'allow_duplicate_messages',
  'autosave_interval',
  'autosave_on_changes',
  'autosave_on_changes',
  'check_retain_source',
  'connection_messages',
  'global_max_clients',
  'global_max_connections',
  'include_dir',
  'log_dest',
  'log_facility',
  'log_timestamp',
  'log_timestamp_format',
  'log_type',
  'max_inflight_bytes',
  'max_inflight_messages',
  'max_keepalive',
  'max_packet_size',
  'max_queued_bytes',
  'max_queued_messages',
  'memory_limit',
  'message_size_limit',
  'per_listener_settings',
  'persistence',
  'persistence_file',
  'persistence_location',
  'persistent_client_expiration',
  'pid_file',
  'queue_qos0_messages',
  'retain_available',
  'set_tcp_nodelay',
  'sys_interval',
  'upgrade_outgoing_qos',
  'user',
  'websockets_headers_size',
  'websockets_log_level',
])

export function parseConf(text: string): readonly Section[] {
  const broker: Setting[] = []
  const sections: { kind: Section['kind']; head: string; line: number; settings: Setting[] }[] = [
    { kind: 'broker', head: '', line: 1, settings: broker },
  ]
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const [, key = '', value = ''] = /^\s*([^\s#]\S*)\s*(.*?)\s*$/.exec(raw) ?? []
    if (key === '') continue
    const line = index + 1
    if (key === 'listener' || key === 'connection')
      sections.push({ kind: key, head: value, line, settings: [] })
    else if (OF_THE_BROKER.has(key)) broker.push({ key, value, line })
    else sections.at(-1)!.settings.push({ key, value, line })
  }
  return sections
}

/** The value of a setting; the last one counts. */
export const valueOf = (settings: readonly Setting[], ...keys: readonly string[]): string | undefined =>
  settings.findLast(({ key, value }) => keys.includes(key) && value !== '')?.value

export const isTrue = (value: string | undefined): boolean => value === 'true'
