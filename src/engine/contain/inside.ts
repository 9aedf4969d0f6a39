// The inside of a process in which code of the user runs (user-process.ts is the outside): what its thread has open, and how it
// shows that it is alive and whose code it runs.

import { Socket } from 'node:net'
import { parentPort } from 'node:worker_threads'
import { callsTo } from '../../base/calls.ts'
import { FramedPort } from '../../base/framed-port.ts'
import { BlackBoxWriter } from './black-box.ts'
import { PulseWriter } from './pulse.ts'
import { UserCode } from './user-code.ts'
import type { UnitHost } from './user-thread.ts'

/** What the process has open besides its standard streams and the line to its warden. */
export const DESCRIPTORS = { calls: 4, blackBox: 5, words: 6, further: 7 } as const

const BEAT_EVERY_MS = 250

/** @param quarantined rules that are left alone */
export function openUserCode(memory: SharedArrayBuffer, quarantined: readonly string[]): UserCode {
  const warden = callsTo<UnitHost>(parentPort!).remote
  const pulse = new PulseWriter(memory)
  pulse.beat()
  setInterval(() => pulse.beat(), BEAT_EVERY_MS)
  const box = new BlackBoxWriter(DESCRIPTORS.blackBox)
  return new UserCode(pulse, quarantined, (units) => void warden.nameUnits(units), box)
}

/** When its other end is gone so is who began this process, and the warden ends it. */
export function openPipe(to: 'calls' | 'further'): FramedPort {
  const pipe = new Socket({ fd: DESCRIPTORS[to], readable: true, writable: true })
  const port = new FramedPort((bytes) => void pipe.write(bytes))
  pipe.on('data', (bytes) => port.take(bytes))
  pipe.on('error', () => {})
  return port
}
