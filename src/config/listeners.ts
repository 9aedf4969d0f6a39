// The forms of a listener in the configuration.

import { z } from 'zod'
import { mqttSnSettings } from './mqtt-sn.ts'

const port = z.int().min(0).max(65_535)
const file = z.string().min(1)

/** The options that say which clients a listener admits. */
const access = {
  /**
   * Clients without a user name may come in. Left out: only where nothing but this machine can reach the
   * listener.
   */
  anonymous: z.boolean().optional(),
  /** A users file for this listener alone, instead of the common one. */
  users: file.optional(),
}

const addressed = (defaultPort: number) => ({
  /** Address to listen on. */
  host: z.string().min(1).default('127.0.0.1'),
  /** 0 takes any free one. */
  port: port.default(defaultPort),
})

/** Files in PEM, relative to the configuration file; read again when they change. */
const tls = {
  cert: file,
  key: file,
  /** Who signs the certificates of clients. */
  ca: file.optional(),
  /** Certificates of clients that count no more. */
  crl: file.optional(),
  clientCertificate: z.enum(['none', 'optional', 'required']).default('none'),
  /** The common name of the certificate is the client's user name, and enough. */
  userFromCertificate: z.boolean().default(false),
}

const webSocket = {
  path: z.string().startsWith('/', 'must begin with /').default('/mqtt'),
  /** Web pages of these origins may connect, as in 'https://dash.example'; '*' stands for all. */
  origins: z
    .array(
      z
        .string()
        .regex(/^(?:\*|https?:\/\/[^/]+)$/, "must be an origin such as 'https://dash.example', or '*'"),
    )
    .default([]),
}

const listener = z
  .discriminatedUnion(
    'type',
    [
      z.strictObject({ type: z.literal('tcp'), ...addressed(1883), ...access }),
      z.strictObject({ type: z.literal('tls'), ...addressed(8883), ...tls, ...access }),
      z.strictObject({ type: z.literal('ws'), ...addressed(8083), ...webSocket, ...access }),
      z.strictObject({ type: z.literal('wss'), ...addressed(8084), ...tls, ...webSocket, ...access }),
      z.strictObject({
        type: z.literal('unix'),
        path: file,
        /** Who may connect: the permissions of the socket's file, in octal. */
        mode: z
          .string()
          .regex(/^0?[0-7]{3}$/, "must be permissions such as '0660'")
          .default('0660'),
        ...access,
      }),
      z.strictObject({ type: z.literal('mqtt-sn'), ...addressed(1884), ...access, ...mqttSnSettings }),
    ],
    { error: 'must have a type: "tcp", "tls", "ws", "wss", "unix" or "mqtt-sn"' },
  )
  .superRefine((settings, context) => {
    if (!('cert' in settings)) return
    const { clientCertificate, userFromCertificate, ca } = settings
    const complain = (key: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [key], message })
    if (userFromCertificate && clientCertificate === 'none')
      complain('userFromCertificate', "needs clientCertificate: 'optional' or 'required'")
    if (clientCertificate !== 'none' && ca === undefined)
      complain('ca', 'is missing: name the file of the authority whose certificates clients are to show')
  })

export const listenersSchema = z.array(listener).min(1, 'lists no listener; leave it out, or list one')
export const mqttSchema = z.strictObject({ ...addressed(1883), ...access })
export const httpSchema = z
  .strictObject({
    ...addressed(7883),
    /**
     * Whether callers without a login may ask. Left out: only from this machine. `false`: nobody. `true`:
     * also from other machines, but only to read.
     */
    anonymous: z.boolean().optional(),
    /** Names, besides addresses, by which the hub may be asked: 'hub.example', without a port. */
    hosts: z
      .array(
        z
          .string()
          .regex(
            /^[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?$/,
            "must be a name such as 'hub.example', in lower case",
          ),
      )
      .default([]),
    /** MQTT over WebSocket on the same port; `false` for none. */
    mqtt: z.union([z.literal(false), z.strictObject({ ...webSocket, ...access })]).prefault({}),
  })
  .prefault({})

export type ListenerConfig = z.output<typeof listener>
export type SnListenerConfig = Extract<ListenerConfig, { type: 'mqtt-sn' }>
