// The ports that a hub would listen on: whether they are free, and if not, who has them.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { printable } from '../../base/printable.ts'
import { bad, type Finding, good, type Patient } from './finding.ts'

type Protocol = 'tcp' | 'udp'

interface Place {
  readonly what: string
  readonly protocol: Protocol
  readonly host: string
  readonly port: number
}

export async function examinePorts({ config, isRunning }: Patient): Promise<readonly Finding[]> {
  const places: readonly Place[] = [
    ...config.listeners.flatMap((listener): Place[] =>
      'host' in listener
        ? [
            {
              what: `MQTT (${listener.type})`,
              protocol: listener.type === 'mqtt-sn' ? 'udp' : 'tcp',
              host: listener.host,
              port: listener.port,
            },
          ]
        : [],
    ),
    { what: 'HTTP', protocol: 'tcp', ...config.http },
  ]
  const findings: Finding[] = []
  for (const place of places.filter(({ port }) => port !== 0)) {
    const { what, protocol, host, port } = place
    const about = protocol === 'udp' ? `UDP port ${port}` : `port ${port}`
    const code = await refusal(place)
    if (code === undefined) findings.push(good(about, `${what}: ${host}:${port} is free.`))
    else if (code === 'EADDRINUSE' && isRunning)
      findings.push(good(about, `${what}: the hub listens on ${host}:${port}.`))
    else if (code === 'EADDRINUSE') {
      const holder = holderOf(place)
      findings.push(
        bad(
          about,
          `${what}: ${host}:${port} is taken by ${holder ?? 'a program of another user'}.`,
          'End that program, or choose another port in the configuration.',
        ),
      )
    } else
      findings.push(
        bad(
          about,
          `${what}: nobody can listen on ${host}:${port} (${code}).`,
          code === 'EACCES'
            ? 'Choose a port from 1024 on: those below are for root.'
            : 'Choose an address that this machine has.',
        ),
      )
  }
  return findings
}

/** The code of the error with which listening fails. */
async function refusal({ protocol, host, port }: Place): Promise<string | undefined> {
  const server =
    protocol === 'tcp'
      ? createServer().listen(port, host)
      : createSocket(host.includes(':') ? 'udp6' : 'udp4').bind(port, host)
  try {
    await once(server, 'listening')
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  } finally {
    closed(server)
  }
}

/** A socket that could not be bound is closed already. */
function closed(server: { close(): unknown }): void {
  try {
    server.close()
  } catch {}
}

/** The states of a listening socket in the tables of /proc/net (proc(5)); one of UDP is only bound. */
const LISTENING: Readonly<Record<Protocol, string>> = { tcp: '0A', udp: '07' }

/** `/usr/sbin/mosquitto -d (pid 812)`; `undefined` where this user cannot see it, or there is no /proc (proc(5)). */
function holderOf({ protocol, port }: Place): string | undefined {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  const sockets = new Set(
    [`/proc/net/${protocol}`, `/proc/net/${protocol}6`].flatMap((table) =>
      linesOf(table)
        .map((line) => line.trim().split(/\s+/))
        .filter(([, local, , state]) => local?.endsWith(`:${wanted}`) && state === LISTENING[protocol])
        .map((fields) => `socket:[${fields[9]}]`),
    ),
  )
  for (const pid of namesIn('/proc').filter((name) => /^\d+$/.test(name)))
    for (const descriptor of namesIn(`/proc/${pid}/fd`))
      if (sockets.has(targetOf(`/proc/${pid}/fd/${descriptor}`))) return `${commandOf(pid)} (pid ${pid})`
  return undefined
}

/** The name of a process of Node says only `MainThread`: its command line says more. */
const commandOf = (pid: string): string =>
  printable(linesOf(`/proc/${pid}/cmdline`).join(' ').replaceAll('\0', ' ').trim(), 60) || 'a program'

const attempt = <T>(read: () => T, otherwise: T): T => {
  try {
    return read()
  } catch {
    return otherwise
  }
}
const linesOf = (file: string): readonly string[] => attempt(() => readFileSync(file, 'utf8').split('\n'), [])
const namesIn = (folder: string): readonly string[] => attempt(() => readdirSync(folder), [])
const targetOf = (link: string): string => attempt(() => readlinkSync(link), '')
