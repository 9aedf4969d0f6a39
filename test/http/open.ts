// Callers of whom each may do everything, for tests of something else than access.

import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { OPEN_PASS } from '../../src/broker/session/rights.ts'
import type { HttpCaller } from '../../src/http/caller.ts'
import type { PublishRights } from '../../src/http/callers/admit.ts'
import type { CallerPorts } from '../../src/http/callers/callers.ts'

const nobody = { kind: 'refused', refusal: 'credentials', sentence: 'Nobody is known.' } as const
import type { Admit } from '../../src/http/serve.ts'
import { SCOPES } from '../../src/model/access.ts'

export const OPEN: Omit<CallerPorts, 'root'> & PublishRights = {
  door: { admit: () => ({ kind: 'admitted', pass: OPEN_PASS }), renew: (pass) => pass },
  users: { admit: () => nobody, renew: (pass) => pass },
  tokens: { admit: async () => nobody, find: () => undefined },
  mayPublish: () => true,
  clock: systemClock,
  log: silentLog,
}

/** What Node gives of a request from this machine. */
export const FROM_HERE = { incoming: { socket: { remoteAddress: '127.0.0.1' } } }

/** A caller who may do everything. */
const CALLER: HttpCaller = {
  name: 'Somebody',
  signature: null,
  user: null,
  scopes: new Set(SCOPES),
  pass: OPEN_PASS,
  sees: null,
  mayCommandAll: true,
  isAmbient: false,
  isSession: false,
  root: 'vigie',
  isStill: () => true,
}

/** Lets everybody in. */
export const admitAll: Admit = (context) => context.set('caller', CALLER)
