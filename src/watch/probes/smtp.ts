// An SMTP server: it greets, answers EHLO, and, where that is asked for, encrypts by STARTTLS. No mail is
// sent. [RFC 5321, RFC 3207]

import { on } from 'node:events'
import { hostname } from 'node:os'
import type { Socket } from 'node:net'
import { finished } from 'node:stream/promises'
import { printable } from '../../base/printable.ts'
import type { TargetOf } from '../../model/probe.ts'
import { certificateProblem, dial, encrypt, failed, latencySince } from './dial.ts'
import type { Check } from './check.ts'
import type { ProbeContext } from './probe-context.ts'

const LONGEST_REPLY = 64 * 1024

export function probeSmtp(
  target: TargetOf<'smtp'>,
  { signal, clock }: Pick<ProbeContext, 'signal' | 'clock'>,
): Promise<Check> {
  const begunAt = performance.now()
  return dial(target, { signal }, async (socket) => {
    const greeting = await replyTo(socket)
    if (!greeting.startsWith('220')) return failed(`it greets with ${shown(greeting)}`)
    const extensions = await replyTo(socket, `EHLO ${hostname()}`)
    if (!extensions.startsWith('250')) return failed(`it answers EHLO with ${shown(extensions)}`)
    const good: Check = { kind: 'good', latencyMs: latencySince(begunAt) }
    const problem = target.startTls ? await startTls(socket, extensions, target, clock.now()) : undefined
    if (problem !== undefined) return failed(problem)
    if (!target.startTls) socket.end('QUIT\r\n')
    return good
  })
}

async function startTls(
  socket: Socket,
  extensions: string,
  { host, tls, certificateMs }: TargetOf<'smtp'>,
  now: number,
): Promise<string | undefined> {
  if (!/^250[ -]STARTTLS\s*$/im.test(extensions)) return 'it does not offer STARTTLS'
  const ready = await replyTo(socket, 'STARTTLS')
  if (!ready.startsWith('220')) return `it answers STARTTLS with ${shown(ready)}`
  const encrypted = await encrypt(socket, host, tls)
  const { valid_to: end } = encrypted.getPeerCertificate()
  await finished(encrypted.end('QUIT\r\n'), { readable: false })
  return certificateMs === undefined ? undefined : certificateProblem(Date.parse(end), now, certificateMs)
}

/** Sends a command, if there is one, and waits for all lines of the reply. */
async function replyTo(socket: Socket, command?: string): Promise<string> {
  if (command !== undefined) socket.write(`${command}\r\n`)
  let reply = ''
  for await (const [chunk] of on(socket, 'data', { close: ['end', 'close'] })) {
    reply += String(chunk)
    if (/^\d{3}(?: .*)?\r?\n/m.test(reply)) return reply
    if (reply.length > LONGEST_REPLY) break
  }
  throw new Error(reply === '' ? 'it closed the connection' : `what it says is no SMTP: ${shown(reply)}`)
}

const shown = (reply: string): string => printable(JSON.stringify(reply.split(/\r?\n/, 1)[0]), 100)
