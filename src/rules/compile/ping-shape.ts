// The schemas of pings: what every ping takes, and for each kind of target the keys that it takes beside
// that.

import { z } from 'zod'
import type { Address, PingKind } from '../../model/probe.ts'
import { DNS_RECORDS } from '../../model/probe.ts'
import { object, record, secretOrText, status } from '../authoring/actions/options.ts'
import type { Kind } from '../authoring/actions/options.ts'
import { REQUEST_KINDS } from '../authoring/actions/request.ts'
import { DECLARATION } from '../authoring/declared.ts'
import { onHost } from './host-shape.ts'
import { count, duration, flag, leaf, number, oneOf, pattern, text } from '../validate/leaf.ts'

const isText = (value: unknown): value is string => typeof value === 'string'
const leafOf = ({ expected, test }: Kind) => leaf(expected, test).optional()
const isOneOrMore = (value: unknown, test: (one: unknown) => boolean): boolean =>
  [value].flat().length > 0 && [value].flat().every((one) => test(one))

const isPing = (value: unknown): boolean =>
  isText(value) ||
  (typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[DECLARATION] === 'ping')

const mannerShape = {
  every: duration.optional(),
  jitter: duration.optional(),
  timeout: duration.optional(),
  fails: count().optional(),
  recovers: count().optional(),
  flapping: z
    .union([z.literal(false), z.strictObject({ above: number.optional(), until: number.optional() })], {
      error: 'expected false, or limits such as { above: 3, until: 1 }',
    })
    .optional(),
  dependsOn: leaf('the name of a ping, the ping itself, or an array of these', (value) =>
    isOneOrMore(value, isPing),
  ).optional(),
  reference: flag.optional(),
  on: onHost.optional(),
}

/** @param defaultPort without it, the port must be given */
const address = (example: string, defaultPort?: number) =>
  leaf<string>(
    `a host ${defaultPort === undefined ? 'and a port' : 'with or without a port,'} such as '${example}'`,
    (value) => isText(value) && addressOf(value, defaultPort) !== undefined,
  )

const tls = leafOf(object)
const values = leaf(
  'an object whose values are what JSON may hold, a regular expression, or limits such as { below: 100 }',
  (value) => object.test(value) && Object.values(value as object).every(isExpectedValue),
)

/** What each kind takes beside the manner of all; the first key names the kind. */
const TARGET_SHAPES: Readonly<Record<PingKind, z.ZodRawShape>> = {
  host: {
    host: leaf(
      "a host name or an address that does not begin with '-'",
      (value) => isText(value) && /^[^-\s][^\s]*$/.test(value),
    ),
  },
  tcp: { tcp: address('nas:22') },
  url: {
    // Checked with the rest of the request.
    url: z.unknown(),
    ...Object.fromEntries(Object.entries(REQUEST_KINDS).map(([key, kind]) => [key, leafOf(kind)])),
    expect: z
      .strictObject({
        status: leafOf(status),
        body: pattern.optional(),
        json: values.optional(),
        certificate: duration.optional(),
      })
      .optional(),
  },
  dns: {
    dns: text,
    record: oneOf(DNS_RECORDS).optional(),
    server: leaf(
      "the address of a server, such as '192.168.1.1' or '192.168.1.1:5353'",
      (value) => isText(value) && /^[\d.:[\]a-fA-F]+$/.test(value) && addressOf(value, 53) !== undefined,
    ).optional(),
    expect: z
      .strictObject({
        answer: leaf(
          'a text or a regular expression',
          (value) => isText(value) || value instanceof RegExp,
        ).optional(),
      })
      .optional(),
  },
  mqtt: {
    mqtt: leaf(
      "an address such as 'mqtt://nas' or 'mqtts://broker:8883'",
      (value) => isText(value) && urlOf(value, /^mqtts?:$/) !== undefined,
    ),
    auth: leafOf(object),
    tls,
    expect: z.strictObject({ topic: text, within: duration }).optional(),
  },
  ntp: {
    ntp: address('pool.ntp.org', 123),
    expect: z.strictObject({ offset: duration.optional(), stratum: count(15).optional() }).optional(),
  },
  smtp: {
    smtp: address('mail:25', 25),
    tls,
    expect: z.strictObject({ startTls: flag.optional(), certificate: duration.optional() }).optional(),
  },
  webSocket: {
    webSocket: leaf(
      "an address such as 'wss://example.org/live'",
      (value) => isText(value) && urlOf(value, /^wss?:$/) !== undefined,
    ),
    headers: leafOf(record(secretOrText)),
    tls,
    protocol: text.optional(),
  },
  unit: {
    unit: leaf(
      "the name of a unit, such as 'nginx.service'",
      (value) => isText(value) && /^[^-\s][^\s]*$/.test(value),
    ),
    expect: z
      .strictObject({
        state: leaf('a state or an array of them', (value) =>
          isOneOrMore(value, (one) => isText(one) && one !== ''),
        ).optional(),
      })
      .optional(),
  },
  command: {
    command: leaf(
      "a program and its arguments, such as ['pg_isready', '-h', 'db']",
      (value) => Array.isArray(value) && value.length > 0 && value[0] !== '' && value.every(isText),
    ),
    expect: z
      .strictObject({
        status: leaf('an exit status or an array of them', (value) =>
          isOneOrMore(value, (one) => Number.isInteger(one) && (one as number) >= 0 && (one as number) < 256),
        ).optional(),
      })
      .optional(),
  },
}

export const PING_KINDS = Object.keys(TARGET_SHAPES) as readonly PingKind[]

export const pingShape = (kind: PingKind): z.ZodObject =>
  z.strictObject({ ...TARGET_SHAPES[kind], ...mannerShape })

/** The kinds that take a key; none for a key that every ping takes, or none does. */
export const kindsWith = (key: string): readonly PingKind[] =>
  PING_KINDS.filter((kind) => Object.hasOwn(TARGET_SHAPES[kind], key))

/** Splits `'nas:22'` and `'[::1]:22'`; with a default port also takes `'nas'`, `'[::1]'` and `'::1'`. */
export function addressOf(written: string, defaultPort?: number): Address | undefined {
  const isBareSix = defaultPort !== undefined && /^[\da-fA-F:.]*:[\da-fA-F:.]*:[\da-fA-F:.]*$/.test(written)
  const [, six, plain, port = defaultPort] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]-][^\s:[\]]*))(?::(\d{1,5}))?$/.exec(
      isBareSix ? `[${written}]` : written,
    ) ?? []
  const host = six ?? plain
  const parsed = Number(port)
  return host !== undefined && parsed >= 1 && parsed <= 65_535 ? { host, port: parsed } : undefined
}

export function urlOf(written: string, protocol: RegExp): URL | undefined {
  const url = URL.parse(written)
  return url && url.hostname !== '' && protocol.test(url.protocol) ? url : undefined
}

const isExpectedValue = (value: unknown): boolean => {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value) || value instanceof RegExp)
    return true
  const limits = Object.entries(value ?? {})
  return (
    limits.length > 0 &&
    limits.every(([key, limit]) => (key === 'above' || key === 'below') && typeof limit === 'number')
  )
}
