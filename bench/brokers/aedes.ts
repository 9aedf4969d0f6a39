// Aedes, the embeddable JavaScript broker, with its in-memory defaults. This file is the launcher and, run
// by itself with a port, the broker's process.
import { createServer } from 'node:net'
import { findFreePort, startBroker } from './broker.ts'
import type { Broker } from './broker.ts'

export const aedes: Broker = {
  name: 'aedes',
  start: async () => {
    const port = await findFreePort()
    return startBroker('aedes', port, process.execPath, [import.meta.filename, String(port)])
  },
}

async function serve(port: number): Promise<void> {
  const { Aedes } = await import('aedes')
  const broker = await Aedes.createBroker()
  createServer((socket) => {
    socket.setNoDelay(true)
    broker.handle(socket)
  }).listen(port, '127.0.0.1')
}

if (import.meta.main) await serve(Number(process.argv[2]))
