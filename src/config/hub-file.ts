// The file through which commands find the hub that runs on a data folder. The hub writes its HTTP address
// and that of a listener for MQTT there, and removes the file when it stops. A file that a crash left behind names a process that is gone.

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface HubAddress {
  readonly pid: number
  /** `http://127.0.0.1:7883` */
  readonly http: string
  /** `mqtt://127.0.0.1:1883`, of the first listener over plain TCP; `null` when there is none. */
  readonly mqtt: string | null
}

const fileIn = (dataDir: string): string => join(dataDir, 'hub.json')

/** Leaves the address, whole or not at all, until `stop`. */
export function leaveAddress(dataDir: string, address: HubAddress): { stop(): Promise<void> } {
  const file = fileIn(dataDir)
  const draft = `${file}.${address.pid}`
  writeFileSync(draft, `${JSON.stringify(address)}\n`)
  renameSync(draft, file)
  return {
    async stop() {
      // After the data folder was replaced, the file there belongs to another hub.
      if (findHub(dataDir)?.pid === address.pid) rmSync(file, { force: true })
    },
  }
}

/** `undefined` when no hub runs on the folder. */
export function findHub(dataDir: string): HubAddress | undefined {
  try {
    const address = JSON.parse(readFileSync(fileIn(dataDir), 'utf8')) as HubAddress
    return isAlive(address.pid) ? address : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
