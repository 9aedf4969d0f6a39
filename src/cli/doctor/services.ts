// What the hub depends on: secrets that are named, servers of the channels, and the hub itself. Nobody is told anything:
// a server is only connected to. `vigie alert test` tells.

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../base/printable.ts'
import { findHub } from '../../config/hub-file.ts'
import type { ChannelSpec } from '../../model/channel.ts'
import type { Health } from '../../model/health.ts'
import type { TlsFiles } from '../../model/request.ts'
import { Disclosure, MissingSecret, openSecrets } from '../../secrets/secrets.ts'
import { dial } from '../../watch/probes/dial.ts'
import { bad, type Finding, good, type Patient } from './finding.ts'

const LIMIT_MS = 5_000

export function examineSecrets({ config, environment }: Patient): readonly Finding[] {
  const named = new Map<string, string>()
  for (const file of globSync('**/*.{ts,js,mts,mjs}', { cwd: config.rules }))
    for (const name of secretsIn(readFileSync(join(config.rules, file), 'utf8')))
      named.set(name, `rules/${file}`)
  for (const [channel, { settings }] of Object.entries(config.alerts.channels))
    for (const name of secretNames(settings)) named.set(name, `the channel "${channel}"`)
  const secrets = openSecrets(environment, config.secrets ?? null)
  const missing = Array.from(named).flatMap(([name, where]) => {
    try {
      secrets(name)
      return []
    } catch (error) {
      if (!(error instanceof MissingSecret)) throw error
      const mend = 'Set it where the hub runs; this command sees the environment of this shell alone.'
      return [bad('secrets', `${error.message} ${where} names it.`, mend)]
    }
  })
  return missing.length > 0 || named.size === 0
    ? missing
    : [good('secrets', `All secrets that are named are there: ${[...named.keys()].join(', ')}.`)]
}

/** The names in calls of `secret` in a rule file, but for those in comments. */
export function secretsIn(source: string): readonly string[] {
  const code = source.replaceAll(/\/\*[^]*?\*\/|(?<![:'"`])\/\/.*$/gm, '')
  return Array.from(code.matchAll(/\bsecret\(\s*(['"`])([\w.-]+)\1\s*\)/g), ([, , name = '']) => name)
}

function secretNames(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  if ('secret' in value && typeof value.secret === 'string') return [value.secret]
  return Object.values(value).flatMap(secretNames)
}

/** The ports of schemes that name none; what has TLS from the first byte on. */
const SCHEMES: Readonly<Record<string, { readonly port: number; readonly tls: boolean }>> = {
  'http:': { port: 80, tls: false },
  'https:': { port: 443, tls: true },
  'smtp:': { port: 587, tls: false },
  'smtps:': { port: 465, tls: true },
  'irc:': { port: 6667, tls: false },
  'ircs:': { port: 6697, tls: true },
}

interface Server {
  readonly host: string
  readonly port: number
  readonly tls: boolean
}

export async function examineChannels({ config, environment }: Patient): Promise<readonly Finding[]> {
  const disclosure = new Disclosure(openSecrets(environment, config.secrets ?? null))
  return Promise.all(
    Object.entries(config.alerts.channels).map(async ([name, spec]) => {
      const about = `channel ${name}`
      const server = serverOf(spec, disclosure)
      if (server === undefined)
        return good(about, `Nothing to connect to is known of a channel of the kind ${spec.kind}.`)
      const at = `${server.host}:${server.port}`
      const reason = await unreachable(server, spec)
      if (reason === undefined) return good(about, `${at} answers. "vigie alert test ${name}" tells over it.`)
      return bad(
        about,
        `${at} cannot be reached: ${disclosure.redact(reason)}.`,
        'See whether its address is right, and whether this machine gets there.',
      )
    }),
  )
}

/** The first address among the settings; what a secret holds is resolved, and only host and port of it are shown. */
function serverOf({ settings }: ChannelSpec, disclosure: Disclosure): Server | undefined {
  for (const value of Object.values(settings)) {
    const url = URL.parse(textOf(value, disclosure))
    const scheme = url === null ? undefined : SCHEMES[url.protocol]
    if (url === null || scheme === undefined) continue
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
    return { host, port: Number(url.port) || scheme.port, tls: scheme.tls }
  }
  return undefined
}

function textOf(value: unknown, disclosure: Disclosure): string {
  try {
    return disclosure.resolve(value as string)
  } catch {
    // A secret that is missing is a finding of its own; anything else is no text.
    return ''
  }
}

/** Why no connection is made; `undefined` where one is. */
async function unreachable(
  { host, port, tls }: Server,
  { settings }: ChannelSpec,
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(LIMIT_MS)
  const own = (settings as { readonly tls?: TlsFiles }).tls ?? {}
  const check = await dial({ host, port }, { signal, tls: tls ? own : undefined }, () => ({
    kind: 'good',
    latencyMs: 0,
  }))
  if (check.kind === 'good') return undefined
  return signal.aborted ? `no answer within ${LIMIT_MS / 1_000} s` : check.reason
}

export async function examineHub({ config }: Patient): Promise<readonly Finding[]> {
  const hub = findHub(config.data)
  if (hub === undefined) return [good('hub', 'No hub runs on the data folder.')]
  try {
    const answer = await fetch(`${hub.http}/healthz`, { signal: AbortSignal.timeout(LIMIT_MS) })
    const { ok, conditions } = (await answer.json()) as Health
    if (ok) return [good('hub', `The hub of process ${hub.pid} is well.`)]
    return Object.values(conditions).flatMap((sentence) =>
      sentence === null ? [] : [bad('hub', sentence, '"vigie status" says more.')],
    )
  } catch (error) {
    const { cause = error } = error as Error
    return [
      bad(
        'hub',
        `The hub of process ${hub.pid} does not answer: ${messageOf(cause)}.`,
        'Start it again, if it hangs.',
      ),
    ]
  }
}
