// The target of a ping as the watch takes it, from options whose shape has been checked.

import { parseDuration } from '../../base/quantities.ts'
import type {
  DnsTarget,
  PingKind,
  PingTarget,
  TargetOf,
  UrlExpectation,
  ValueExpectation,
} from '../../model/probe.ts'
import type { ExpectedValue, PingTargetOptions } from '../authoring/ping.ts'
import type { TextPattern } from '../../model/request.ts'
import { requireKinds, secretOrText } from '../authoring/actions/options.ts'
import { requestSpec, requireTls } from '../authoring/actions/request.ts'
import { secretText } from '../authoring/actions/secret.ts'
import { topicFilterProblem } from '../../topics/names.ts'
import { addressOf, urlOf } from './ping-shape.ts'

/** The options of one kind. */
type OptionsOf<Kind extends PingKind> = Extract<PingTargetOptions, { readonly [Key in Kind]: unknown }>

type Makers = { readonly [Kind in PingKind]: (options: OptionsOf<Kind>) => Omit<TargetOf<Kind>, 'kind'> }

const MAKERS: Makers = {
  host: ({ host }) => ({ host }),
  tcp: ({ tcp }) => addressOf(tcp)!,
  url: ({ expect = {}, ...options }) => {
    const request = requestSpec('url', options.url, options, 'GET')
    const read = (['body', 'json'] as const).find((key) => expect[key] !== undefined)
    if (read !== undefined && request.method === 'HEAD')
      throw new TypeError(`expect: ${read}: the answer to a HEAD request has none`)
    return { request, expect: urlExpectation(expect) }
  },
  dns: ({ dns, record = 'A', server, expect = {} }) => ({
    name: dns,
    record,
    ...(server !== undefined && { server: addressOf(server, 53) }),
    ...(expect.answer !== undefined && { answer: expectedOf(expect.answer) as DnsTarget['answer'] }),
  }),
  mqtt: ({ mqtt, auth, tls, expect }) => {
    const { protocol, hostname, port } = urlOf(mqtt, /^mqtts?:$/)!
    const isEncrypted = protocol === 'mqtts:'
    if (tls !== undefined && !isEncrypted)
      throw new TypeError('tls: it belongs to an address that begins with mqtts://')
    if (tls !== undefined) requireTls('mqtt', tls)
    if (auth !== undefined) requireKinds('auth', auth, { user: secretOrText, password: secretOrText })
    if (expect !== undefined) requireFilter(expect.topic)
    return {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (isEncrypted ? 8883 : 1883),
      ...(isEncrypted && { tls: tls ?? {} }),
      ...(auth && { user: secretText(auth.user), password: secretText(auth.password) }),
      ...(expect && { fresh: { filter: expect.topic, withinMs: parseDuration(expect.within) } }),
    }
  },
  ntp: ({ ntp, expect: { offset, stratum } = {} }) => ({
    ...addressOf(ntp, 123)!,
    ...(offset !== undefined && { offsetMs: parseDuration(offset) }),
    ...(stratum !== undefined && { stratum }),
  }),
  smtp: ({ smtp, tls, expect: { startTls = false, certificate } = {} }) => {
    if (tls !== undefined) requireTls('smtp', tls)
    if (!startTls && (tls ?? certificate) !== undefined)
      throw new TypeError(`${tls ? 'tls' : 'expect: certificate'}: it is for expect: { startTls: true }`)
    return {
      ...addressOf(smtp, 25)!,
      startTls,
      ...(tls && { tls }),
      ...(certificate !== undefined && { certificateMs: parseDuration(certificate) }),
    }
  },
  // A handshake is an HTTP request.
  webSocket: ({ webSocket, headers, tls, protocol }) => ({
    request: requestSpec(
      'webSocket',
      webSocket.replace(/^ws/i, 'http'),
      { ...(headers && { headers }), ...(tls && { tls }) },
      'GET',
    ),
    ...(protocol !== undefined && { protocol }),
  }),
  unit: ({ unit, expect: { state = 'active' } = {} }) => ({ unit, states: [state].flat() }),
  command: ({ command, expect: { status = 0 } = {} }) => ({ argv: [...command], statuses: [status].flat() }),
}

/** @throws TypeError with a sentence for the author */
export const targetOf = (kind: PingKind, options: object): PingTarget =>
  ({ kind, ...(MAKERS[kind] as (options: object) => object)(options) }) as PingTarget

function urlExpectation({
  status,
  body,
  json,
  certificate,
}: NonNullable<OptionsOf<'url'>['expect']>): UrlExpectation {
  return {
    ...(status !== undefined && { status: [status].flat() }),
    ...(body && { body: patternOf(body) }),
    ...(json && {
      json: Object.fromEntries(Object.entries(json).map(([path, value]) => [path, expectedOf(value)])),
    }),
    ...(certificate !== undefined && { certificateMs: parseDuration(certificate) }),
  }
}

function expectedOf(value: ExpectedValue): ValueExpectation {
  if (value instanceof RegExp) return { matches: patternOf(value) }
  return typeof value === 'object' && value !== null ? { ...value } : { equals: value }
}

const patternOf = ({ source, flags }: RegExp): TextPattern => ({ source, flags })

function requireFilter(filter: string): void {
  const problem = topicFilterProblem(filter)
  if (problem !== undefined) throw new TypeError(`expect: topic: ${problem}`)
}
