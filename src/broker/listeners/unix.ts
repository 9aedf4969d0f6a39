// MQTT over a Unix socket: for programs of this machine, and only those that may open its file.

import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tellServerErrors } from '../../base/server-errors.ts'
import { Connection } from '../connection/connection.ts'
import { close, type ListenContext, type Listener, open, type UnixSettings } from './listener.ts'

export async function listenOnUnix(
  { hub, door }: ListenContext,
  { path, mode }: UnixSettings,
): Promise<Listener> {
  const server = createServer((socket) => new Connection(hub, { socket, address: path, door }).start())
  try {
    await bind(server, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || !(await isLeftOver(path))) throw error
    unlinkSync(path)
    await bind(server, path)
  }
  chmodSync(path, mode)
  const url = `unix:${path}`
  tellServerErrors(server, url, hub.log)
  return { url, host: path, port: 0, stop: () => close(server) }
}

/** Until its mode is set, the socket is nobody's but ours. */
async function bind(server: Server, path: string): Promise<void> {
  const before = process.umask(0o177)
  // The file is made before this returns.
  const opened = open(server, { path })
  process.umask(before)
  await opened
}

/** A hub that was killed leaves its socket behind: nobody answers there any more. */
async function isLeftOver(path: string): Promise<boolean> {
  if (!lstatSync(path).isSocket()) return false
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(false)
    })
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
  })
}
