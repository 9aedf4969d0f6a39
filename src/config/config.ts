// The configuration: its schema, its defaults, and the sentences for what is wrong with one.
// What people write has units ('30d', '2GiB'); what the hub reads are milliseconds and bytes.

import { z } from 'zod'
import { LOG_LEVELS } from '../base/log-level.ts'
import { nearMiss } from '../base/near-miss.ts'
import { topicFilterProblem } from '../topics/names.ts'
import { alertsSchema } from './alerts.ts'
import { attachSchema, bridgesSchema } from './bridges.ts'
import { ConfigError } from './config-error.ts'
import { DATA_FOLDER } from './data-folder.ts'
import { homeassistantSchema } from './homeassistant.ts'
import { intakeSchema } from './intake.ts'
import { limitsSchema } from './limits.ts'
import { httpSchema, type ListenerConfig, listenersSchema, mqttSchema } from './listeners.ts'
import { count, duration, size } from './quantities.ts'

const filter = z.string().superRefine((text, context) => {
  const problem = topicFilterProblem(text)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

/** A result is stored with its step, and published when the run ends. */
const MOST_OUTPUT = 2 ** 20
const OUTPUT_BOUNDS = 'must be between 256B and 1MiB'

export const configSchema = z.strictObject({
  /** First topic level of the hub's own messages. */
  root: z
    .string()
    .regex(/^[^/+#$\0]+$/u, "must be one topic level, without '/', '+', '#' or '$'")
    .default('vigie'),
  /** The meaning of `#` and `+` as the first level of a client's filter. */
  wildcards: z
    .strictObject({
      /**
       * Whether such wildcards match the hub's own topics. If not, clients spell the root out, as in
       * `vigie/#`.
       */
      reachHubTopics: z.boolean().default(false),
    })
    .prefault({}),
  /** Folder of everything that is kept, relative to the configuration file. */
  data: z.string().min(1).default(DATA_FOLDER),
  /** Folder of the rule files, relative to the configuration file. */
  rules: z.string().min(1).default('./rules'),
  /** The position of the hub in degrees, north and east positive, for rules that go by the sun. */
  place: z
    .strictObject({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) })
    .optional(),
  /** The one listener that most need. */
  mqtt: mqttSchema.optional(),
  /** Any number of listeners, in place of `mqtt`. */
  listeners: listenersSchema.optional(),
  http: httpSchema,
  /** File of users and permissions, kept by `vigie user`, relative to the configuration file. */
  users: z.string().min(1).default('./users.json'),
  /** `full` survives a power cut (fsync before each acknowledgement), `normal` a crash of the process. */
  durability: z.enum(['full', 'normal']).default('full'),
  history: z
    .strictObject({
      keep: duration().prefault('30d'),
      maxSize: size().prefault('2GiB'),
      /** Topics that history leaves out. Rules still see them. */
      exclude: z.array(filter).default([]),
      /** A length of its own for some topics; the first that matches counts. */
      topics: z.array(z.strictObject({ filter, keep: duration().prefault('30d') })).default([]),
    })
    .prefault({}),
  alerts: alertsSchema.prefault({}),
  /** What services deliver over HTTP at `/in/<name>`, by the names of the intakes. */
  intake: intakeSchema.prefault({}),
  /** Free room on the disk of the data folder below which people are told; `false`: they are not. */
  disk: z
    .union([
      z.literal(false),
      z.strictObject({ warning: size().prefault('512MiB'), critical: size().prefault('128MiB') }),
    ])
    .prefault({}),
  /** Bridges to other brokers, by name. */
  bridges: bridgesSchema.default({}),
  /** The shared subscription of another broker whose messages this hub works on. */
  attach: attachSchema.optional(),
  /** Whether Home Assistant is told, by its MQTT discovery, of pings, tasks, alerts and clients. */
  homeassistant: homeassistantSchema,
  /** Folder with one file per secret, for `secret('NAME')`; environment variables go first. */
  secrets: z.string().min(1).optional(),
  actions: z
    .strictObject({
      /** Commands and functions under way at one time, over all rules. */
      concurrency: count().default(16),
      /** Commands and functions under way at one time, per rule. */
      perRule: count().default(8),
      /** Requests (webhooks, alerts) under way at one time, over all rules. */
      requests: count().default(256),
      /** Requests under way at one time, per rule. */
      requestsPerRule: count().default(64),
      /** Kept of each output of a command, and of the body of an answer: the end; 8KiB if it is not set. */
      outputSize: size().pipe(z.int().min(256, OUTPUT_BOUNDS).max(MOST_OUTPUT, OUTPUT_BOUNDS)).optional(),
    })
    .prefault({}),
  /** The bounds of the broker; what is not set keeps its default. */
  limits: limitsSchema.prefault({}),
  log: z
    .strictObject({
      level: z.enum(LOG_LEVELS).default('info'),
      /** `auto`: pretty on a terminal, JSON lines otherwise. */
      format: z.enum(['auto', 'pretty', 'json']).default('auto'),
    })
    .prefault({}),
})

/** The contents of a configuration file. Everything has a default. */
export type ConfigInput = z.input<typeof configSchema>
/** A whole configuration: lengths in milliseconds, sizes in bytes, and every listener in the list. */
export type Config = Omit<z.output<typeof configSchema>, 'mqtt' | 'listeners'> & {
  readonly listeners: readonly ListenerConfig[]
}

/** Types the default export of `vigie.config.ts`. */
export const defineConfig = (config: ConfigInput): ConfigInput => config

/**
 * Checks a configuration and fills in the defaults.
 * @param source what to call it in an error: the file's name, or 'the defaults'
 * @throws ConfigError with one line per problem
 */
export function parseConfig(input: unknown, source: string): Config {
  const parsed = configSchema.safeParse(input)
  if (parsed.success) return withListeners(parsed.data, source)
  const problems = parsed.error.issues.map((issue) => `  ${describe(issue)}`)
  throw new ConfigError(`${source} is not a valid configuration:\n${problems.join('\n')}`)
}

function withListeners({ mqtt, listeners, ...rest }: z.output<typeof configSchema>, source: string): Config {
  if (listeners === undefined)
    return { ...rest, listeners: [{ type: 'tcp', ...(mqtt ?? mqttSchema.parse({})) }] }
  if (mqtt === undefined) return { ...rest, listeners }
  throw new ConfigError(
    `${source} is not a valid configuration:\n  mqtt: cannot stand beside listeners; list { type: ` +
      `'tcp', … } there instead`,
  )
}

function describe(issue: z.core.$ZodIssue): string {
  const key = z.core.toDotPath(issue.path)
  // The name of an entry, such as that of a bridge.
  if (issue.code === 'invalid_key') return `${key}: ${issue.issues[0]?.message ?? issue.message}`
  if (issue.code !== 'unrecognized_keys') return `${key || '(the whole)'}: ${issue.message}`
  const known = keysAt(issue.path)
  return issue.keys
    .map((unknown) => {
      if (key === 'alerts' && unknown === 'webhook') return WEBHOOK_MOVED
      const meant = nearMiss(unknown, known)
      const where = key ? `${key}.${unknown}` : unknown
      const hint = meant ? `; did you mean ${JSON.stringify(meant)}?` : ` (there are: ${known.join(', ')})`
      return `${where}: there is no such setting${hint}`
    })
    .join('\n  ')
}

const WEBHOOK_MOVED =
  "alerts.webhook: it is a channel now; write channels: { post: webhook({ url: 'https://…' }) }, with webhook " +
  "imported from 'vigie/channels'"

/** The names that are known at a place in the schema. */
function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = configSchema
  for (const key of path) {
    at = unwrapped(at)
    if (at instanceof z.ZodObject) at = at.shape[String(key)]
    else if (at instanceof z.ZodArray) at = at.element
    else if (at instanceof z.ZodRecord) at = at.valueType
  }
  return namesOf(unwrapped(at))
}

function namesOf(type: unknown): readonly string[] {
  if (type instanceof z.ZodObject) return Object.keys(type.shape)
  if (type instanceof z.ZodUnion) return [...new Set(type.options.flatMap(namesOf))]
  return []
}

function unwrapped(type: unknown): unknown {
  if (type instanceof z.ZodDefault || type instanceof z.ZodPrefault || type instanceof z.ZodOptional)
    return unwrapped(type.unwrap())
  return type instanceof z.ZodPipe ? unwrapped(type.in) : type
}
