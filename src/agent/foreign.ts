// What the hub says, checked: it is another machine. The schemas are those of the specs in model/.

import { z } from 'zod'
import type { HostAction, HostOrder } from '../model/host.ts'
import { DNS_RECORDS } from '../model/probe.ts'
import type { PingSpec, PingTarget } from '../model/probe.ts'
import { WATCHED_STATES } from '../model/watch.ts'
import type { WatchSpec } from '../model/watch.ts'

const short = z.string().min(1).max(1_000)
const text = z.string().max(65_536)
const whole = z.int().nonnegative()
const count = z.int().positive()
/** A year is longer than any interval. */
const length = z
  .number()
  .nonnegative()
  .max(366 * 86_400_000)
const name = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,99}$/u)
const maybe = <T extends z.ZodType>(type: T) => type.exactOptional()

const secretRef = z.strictObject({ secret: short })
const secretText = z.union([text, secretRef, z.array(z.union([text, secretRef]))])
const tls = z.strictObject({
  caFile: maybe(short),
  certFile: maybe(short),
  keyFile: maybe(short),
  verify: maybe(z.boolean()),
})
const pattern = z
  .strictObject({ source: z.string().max(4_096), flags: z.string().max(10) })
  .refine(({ source, flags }) => isPattern(source, flags), 'it is no regular expression')
const source = z
  .string()
  .max(4_096)
  .refine((given) => isPattern(given, ''), 'it is no regular expression')

function isPattern(given: string, flags: string): boolean {
  try {
    return new RegExp(given, flags) instanceof RegExp
  } catch {
    return false
  }
}

const address = { host: short.regex(/^[^-\s]\S*$/), port: z.int().min(1).max(65_535) }
const request = z.strictObject({
  url: secretText,
  method: z.string().regex(/^[A-Z]{1,20}$/),
  headers: z.record(short, secretText),
  body: maybe(
    z.union([
      z.strictObject({ json: z.json() }),
      z.strictObject({ form: z.record(z.string(), z.string()) }),
      z.strictObject({ text }),
    ]),
  ),
  auth: maybe(
    z.union([
      z.strictObject({ user: secretText, password: secretText }),
      z.strictObject({ bearer: secretText }),
    ]),
  ),
  sign: maybe(z.strictObject({ key: secretRef, header: short })),
  tls: maybe(tls),
  redirects: maybe(whole.max(20)),
})
const expected = z.union([
  z.strictObject({ equals: z.union([z.string(), z.number(), z.boolean(), z.null()]) }),
  z.strictObject({ matches: pattern }),
  z.strictObject({ above: maybe(z.number()), below: maybe(z.number()) }),
])

const target: z.ZodType<PingTarget> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('host'), host: address.host }),
  z.strictObject({ kind: z.literal('tcp'), ...address }),
  z.strictObject({
    kind: z.literal('url'),
    request,
    expect: z.strictObject({
      status: maybe(z.array(whole)),
      body: maybe(pattern),
      json: maybe(z.record(short, expected)),
      certificateMs: maybe(length),
    }),
  }),
  z.strictObject({
    kind: z.literal('dns'),
    name: short,
    record: z.enum(DNS_RECORDS),
    server: maybe(z.strictObject(address)),
    answer: maybe(z.union([expected.options[0], expected.options[1]])),
  }),
  z.strictObject({
    kind: z.literal('mqtt'),
    ...address,
    tls: maybe(tls),
    user: maybe(secretText),
    password: maybe(secretText),
    fresh: maybe(z.strictObject({ filter: short, withinMs: length })),
  }),
  z.strictObject({ kind: z.literal('ntp'), ...address, offsetMs: maybe(length), stratum: maybe(whole) }),
  z.strictObject({
    kind: z.literal('smtp'),
    ...address,
    tls: maybe(tls),
    startTls: z.boolean(),
    certificateMs: maybe(length),
  }),
  z.strictObject({ kind: z.literal('webSocket'), request, protocol: maybe(short) }),
  z.strictObject({ kind: z.literal('unit'), unit: address.host, states: z.array(short).min(1) }),
  z.strictObject({ kind: z.literal('command'), argv: z.array(text).min(1), statuses: z.array(whole).min(1) }),
])

export const pingSpec: z.ZodType<PingSpec> = z.strictObject({
  name,
  host: name,
  target,
  everyMs: length.min(100),
  jitterMs: length,
  timeoutMs: length.min(1),
  fails: count,
  recovers: count,
  flapping: z.strictObject({ above: z.number().positive(), until: z.number().positive() }).nullable(),
  dependsOn: z.array(name),
  isReference: z.literal(false),
})

const selector = z.strictObject({
  name: maybe(short),
  user: maybe(short),
  commandLine: maybe(source),
  olderThanMs: maybe(length),
  parent: maybe(short),
  cgroup: maybe(short),
  unit: maybe(short),
})
const retry = z.strictObject({ attempts: count, minMs: length, maxMs: length })

export const watchSpec: z.ZodType<WatchSpec> = z.strictObject({
  name,
  host: name,
  select: selector,
  countAbove: maybe(z.number()),
  countBelow: maybe(count),
  retry: maybe(retry),
  forMs: length,
  state: maybe(z.enum(WATCHED_STATES)),
  orphan: maybe(z.boolean()),
  memoryAboveBytes: maybe(z.number()),
  ageAboveMs: maybe(length),
  cpuAbove: maybe(z.number()),
  zombiesAbove: maybe(z.number()),
  filesAbove: maybe(z.number()),
})

/** The frame alone. Each probe is checked by itself: one that this agent does not know costs only itself. */
export const declarations = z.object({
  protocol: whole,
  version: z.string().max(100),
  pings: z.array(z.unknown()).max(10_000),
  watches: z.array(z.unknown()).max(10_000),
})

const identity = z.strictObject({ boot: short, pid: count, startTicks: whole })
const process = z.strictObject({ identity, name: z.string().max(1_000) })
const processes = z.union([process, z.strictObject({ select: selector }), z.strictObject({ watch: name })])

const manner = {
  timeoutMs: length.min(1),
  retry,
  onFailure: maybe(z.array(z.unknown())),
}
const onProcesses = {
  ...manner,
  users: maybe(z.union([z.literal('any'), z.array(short)])),
  notAfter: maybe(z.number()),
}
const program = {
  argv: z.array(text),
  cwd: maybe(short),
  env: maybe(z.record(z.string().regex(/^[A-Za-z_]\w*$/), secretText)),
}

const action = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('kill'),
    ...onProcesses,
    target: processes,
    graceMs: length,
    descendants: maybe(z.boolean()),
    dryRun: maybe(z.boolean()),
  }),
  z.strictObject({
    kind: z.literal('reap'),
    ...onProcesses,
    target: process,
    parent: z.enum(['nudge', 'terminate']),
  }),
  z.strictObject({
    kind: z.literal('renice'),
    ...onProcesses,
    target: processes,
    nice: z.int().min(-20).max(19),
    dryRun: maybe(z.boolean()),
  }),
  z.strictObject({
    kind: z.literal('restart'),
    ...onProcesses,
    ...program,
    stop: maybe(processes),
    graceMs: length,
    dryRun: maybe(z.boolean()),
  }),
  z.strictObject({ kind: z.literal('list'), ...onProcesses, target: processes }),
  z.strictObject({ kind: z.literal('shell'), ...manner, ...program, script: maybe(text) }),
]) as unknown as z.ZodType<HostAction>

/** It stands in a topic. */
const key = z.string().regex(/^[\w.!-]{1,200}$/)

export const order: z.ZodType<HostOrder> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('processes'), key }),
  z.strictObject({ kind: z.literal('cancel'), key, cancels: key, reason: text }),
  z.strictObject({
    kind: z.literal('step'),
    key,
    attempt: count,
    spec: action,
    rule: short,
    run: whole,
    step: short,
    event: z.strictObject({ id: whole, at: z.number(), topic: text, payload: text }),
  }),
])
