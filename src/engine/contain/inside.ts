// The inside of a process in which code of the user runs (user-process.ts is the outside): what its thread
// has open, and how it shows that it is alive and whose code it runs.

import { setInterval } from 'node:timers'
import { parentPort } from 'node:worker_threads'
import { callsTo } from '../../base/calls.ts'
import { BlackBoxWriter } from './box-writer.ts'
import { DESCRIPTORS } from './descriptors.ts'
import { PulseWriter } from './pulse.ts'
import type { UserUnit } from '../../model/suspect.ts'
import { UserCode } from './user-code.ts'
import type { UnitHost } from './user-thread.ts'

const BEAT_EVERY_MS = 250

/** @param quarantined units that are not run */
export function openUserCode(memory: SharedArrayBuffer, quarantined: readonly UserUnit[]): UserCode {
  const warden = callsTo<UnitHost>(parentPort!).remote
  const pulse = new PulseWriter(memory)
  pulse.beat()
  setInterval(() => pulse.beat(), BEAT_EVERY_MS)
  const box = new BlackBoxWriter(DESCRIPTORS.blackBox)
  return new UserCode(pulse, quarantined, (units) => void warden.nameUnits(units), box)
}
