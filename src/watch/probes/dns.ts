// A DNS query: there is an answer, and it is the expected one. It goes past the names and caches of this
// machine, straight to a server.

import { Resolver } from 'node:dns/promises'
import type { AnyRecord } from 'node:dns'
import type { DnsTarget, TargetOf } from '../../model/probe.ts'
import { failed, latencySince } from './dial.ts'
import { valueProblem } from './expectation.ts'
import type { Check } from './check.ts'
import type { ProbeContext } from './probe-context.ts'

/** A query that is lost is sent again, for as long as the check has time. */
const ASK_AGAIN = { timeout: 1_000, tries: 60 }

export async function probeDns(
  { name, record, server, answer }: TargetOf<'dns'>,
  { signal, within }: Pick<ProbeContext, 'signal' | 'within'>,
): Promise<Check> {
  signal.throwIfAborted()
  const resolver = new Resolver(ASK_AGAIN)
  if (server)
    resolver.setServers([`${server.host.includes(':') ? `[${server.host}]` : server.host}:${server.port}`])
  const cancel = (): void => resolver.cancel()
  signal.addEventListener('abort', cancel)
  try {
    const begunAt = performance.now()
    const texts = ((await resolver.resolve(name, record)) as readonly unknown[]).map(textOf)
    const latencyMs = latencySince(begunAt)
    if (answer === undefined) return { kind: 'good', latencyMs }
    const isWanted = within(() => texts.some((text) => valueProblem(text, answer) === undefined))
    return isWanted ? { kind: 'good', latencyMs } : failed(`it answers with ${texts.join(', ')}`)
  } catch (error) {
    signal.throwIfAborted()
    return failed(wordsOf(error as NodeJS.ErrnoException, record))
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

/** A record as zone files write it: `10 mail.example.org` for an MX record. */
function textOf(record: unknown): string {
  if (typeof record === 'string') return record
  if (Array.isArray(record)) return record.join('')
  const { priority, weight, port, exchange, name } = record as Partial<Record<string, string | number>> &
    AnyRecord
  return [priority, weight, port, exchange ?? name].filter((part) => part !== undefined).join(' ')
}

function wordsOf({ code = '', message }: NodeJS.ErrnoException, record: DnsTarget['record']): string {
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'the server does not answer: nothing listens there',
    ENODATA: `the name has no ${record} record`,
    ENOTFOUND: 'the server says that there is no such name',
    EREFUSED: 'the server refuses to answer',
    ESERVFAIL: 'the server could not find the answer',
    ETIMEOUT: 'the server does not answer',
  }
  return words[code] ?? message
}
