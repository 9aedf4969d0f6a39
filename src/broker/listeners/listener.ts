// A listener takes sockets of its kind and makes them connections. What it is told, and what all listeners
// share.

import { once } from 'node:events'
import type { AddressInfo, ListenOptions, Server } from 'node:net'
import type { Log } from '../../base/log.ts'
import type { Limits } from '../bounds/limits.ts'
import type { Arrival, Connection } from '../connection/connection.ts'

export interface Address {
  readonly host: string
  /** 0 takes any free one. */
  readonly port: number
}

export interface TlsSettings {
  /** Files in PEM; read again when they change. */
  readonly cert: string
  readonly key: string
  /** Who signs the certificates of clients; if it is not given, whom the system trusts. */
  readonly ca?: string | undefined
  /** The list of certificates that are revoked. */
  readonly crl?: string | undefined
  readonly clientCertificate: 'none' | 'optional' | 'required'
}

export interface TcpSettings extends Address {
  readonly kind: 'tcp'
  readonly tls?: TlsSettings | undefined
}

export interface WebSocketAddress {
  readonly path: string
  /**
   * Web pages of these origins may connect too; `*` stands for all. A page of the listener's own address
   * always may.
   */
  readonly origins: readonly string[]
}

export interface WebSocketSettings extends Address, WebSocketAddress {
  readonly kind: 'websocket'
  readonly tls?: TlsSettings | undefined
}

export interface UnixSettings {
  readonly kind: 'unix'
  readonly path: string
  /** Who may connect: the permissions of the socket's file. */
  readonly mode: number
}

export type ListenSettings = TcpSettings | WebSocketSettings | UnixSettings

export interface Listener {
  /** Where clients find it. */
  readonly url: string
  readonly host: string
  /** 0 for a Unix socket. */
  readonly port: number
  /** Takes no new connections; resolves when those that there are have ended. */
  stop(): Promise<void>
}

export interface ListenContext {
  readonly limits: Limits
  readonly log: Log
  /** How many connections there are, at all listeners. */
  readonly connections: () => number
  /** Makes a socket that has come in a connection. */
  readonly accept: (arrival: Omit<Arrival, 'door'>) => Connection
  /** Does the same for a client that a proxy passes on. */
  readonly acceptByProxy: (arrival: Omit<Arrival, 'door'>) => Connection
}

/** Begins to listen. Rejects with the system's error when the address cannot be had. */
export async function open(server: Server, where: ListenOptions): Promise<void> {
  server.listen({ ...where, backlog: 4_096 })
  await once(server, 'listening')
}

export const boundPort = (server: Server): number => (server.address() as AddressInfo).port

export const close = (server: Server): Promise<void> =>
  new Promise((resolve) => server.close(() => resolve()))

export const authority = (host: string, port: number): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`
