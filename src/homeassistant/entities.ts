// What Home Assistant is told of one thing that the hub retains: a ping, a task, an alert, a client. The messages are those
// of its MQTT discovery (https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery): one retained message for each
// entity, on <prefix>/<component>/<node>/<object>/config. All entities are of one device, the hub.

import { createHash } from 'node:crypto'
import { textOfLevel } from '../topics/escape.ts'

export interface DescribedHub {
  /** First level of the hub's own topics. */
  readonly root: string
  readonly hubId: string
  readonly version: string
  /** First level of the topics of discovery. */
  readonly prefix: string
  /** Where people reach the hub; `null` when the configuration does not say. */
  readonly url: string | null
}

export interface Entity {
  readonly topic: string
  readonly config: Readonly<Record<string, unknown>>
}

interface Kind {
  /** Below the root; the rest of the topic is the name. */
  readonly under: string
  /** The name may have several levels. */
  readonly hasLevels: boolean
  readonly component: 'binary_sensor' | 'sensor'
  readonly config: Readonly<Record<string, unknown>>
}

/** A template: ON and OFF for these states, and for others neither, which shows as unknown. */
const onOff = (on: readonly string[], off: readonly string[]): string =>
  `{{ 'ON' if value_json.state in ${list(on)} else 'OFF' if value_json.state in ${list(off)} else 'None' }}`
const list = (states: readonly string[]): string => `[${states.map((state) => `'${state}'`).join(', ')}]`

const KINDS = {
  ping: {
    under: 'ping/',
    hasLevels: false,
    component: 'binary_sensor',
    config: { device_class: 'connectivity', value_template: onOff(['up'], ['down', 'unreachable']) },
  },
  task: {
    under: 'tasks/',
    hasLevels: false,
    component: 'sensor',
    config: {
      device_class: 'enum',
      options: ['unknown', 'running', 'ok', 'failed', 'slow', 'overdue'],
      value_template: '{{ value_json.state }}',
    },
  },
  alert: {
    under: 'alerts/',
    hasLevels: true,
    component: 'binary_sensor',
    config: {
      device_class: 'problem',
      value_template: onOff(['firing', 'acknowledged', 'silenced'], ['pending', 'resolved']),
    },
  },
  client: {
    under: 'clients/',
    hasLevels: false,
    component: 'binary_sensor',
    config: {
      device_class: 'connectivity',
      entity_category: 'diagnostic',
      value_template: onOff(['online'], ['offline']),
    },
  },
} as const satisfies Record<string, Kind>

export type EntityKind = keyof typeof KINDS

/** The topics of the hub of which entities are made, as filters. */
export const filtersOf = (root: string): readonly string[] =>
  Object.values(KINDS).map(({ under, hasLevels }) => `${root}/${under}${hasLevels ? '#' : '+'}`)

/** What is retained of a hub's entities, as a filter. */
export const entityFilter = ({ prefix, hubId }: Pick<DescribedHub, 'prefix' | 'hubId'>): string =>
  `${prefix}/+/${nodeOf(hubId)}/+/config`

/** The topic on which the hub says that it is there. */
export const availabilityTopic = (root: string): string => `${root}/hub/availability`

/** `undefined` for what is no such thing, and for a client whose id is not its own. */
export function entityOf(topic: string, hub: DescribedHub): Entity | undefined {
  const found = Object.entries(KINDS).find(([, { under }]) => topic.startsWith(`${hub.root}/${under}`))
  if (found === undefined) return undefined
  const [kind, { under, component, config }] = found
  const name = textOfLevel(topic.slice(hub.root.length + 1 + under.length))
  if (kind === 'client' && name.startsWith(ASSIGNED)) return undefined
  const object = `${kind}_${plain(name)}`
  return {
    topic: `${hub.prefix}/${component}/${nodeOf(hub.hubId)}/${object}/config`,
    config: {
      name: `${kind} ${name}`,
      unique_id: `${nodeOf(hub.hubId)}_${object}`,
      state_topic: topic,
      json_attributes_topic: topic,
      ...config,
      availability_topic: availabilityTopic(hub.root),
      qos: 1,
      device: {
        identifiers: [nodeOf(hub.hubId)],
        name: hub.root,
        manufacturer: 'vigie',
        model: 'hub',
        sw_version: hub.version,
        ...(hub.url !== null && { configuration_url: hub.url }),
      },
      origin: { name: 'vigie', sw_version: hub.version },
    },
  }
}

/** Client ids that a broker gives begin so: such a client comes once, and never again. */
const ASSIGNED = 'auto-'

const nodeOf = (hubId: string): string => `vigie_${plain(hubId)}`

/**
 * A name with the letters that a node or an object may have: a-z, A-Z, 0-9, _ and -. What had others ends in a
 * digest, so that no two names become one.
 */
function plain(name: string): string {
  if (/^[\w-]{1,64}$/.test(name)) return name
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${name.replace(/[^\w-]/g, '_').slice(0, 55)}_${digest}`
}
