// MQTT over a Unix socket: for programs of this machine that may open the socket's file.

import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tellServerErrors } from '../../base/server-errors.ts'
import { close, type ListenContext, type Listener, open, type UnixSettings } from './listener.ts'

export async function listenOnUnix(
  { accept, log }: ListenContext,
  { path, mode }: UnixSettings,
): Promise<Listener> {
  const server = createServer((socket) => accept({ socket, address: path }))
  try {
    await bind(server, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || !(await isLeftOver(path))) throw error
    unlinkSync(path)
    await bind(server, path)
  }
  chmodSync(path, mode)
  const url = `unix:${path}`
  tellServerErrors(server, url, log)
  return { url, host: path, port: 0, stop: () => close(server) }
}

/** Makes the socket's file with a mode that lets nobody else in, until its own mode is set. */
async function bind(server: Server, path: string): Promise<void> {
  const before = process.umask(0o177)
  // The file is made before this returns.
  const opened = open(server, { path })
  process.umask(before)
  await opened
}

/** Whether a hub that was killed has left the socket behind: nobody answers there. */
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
