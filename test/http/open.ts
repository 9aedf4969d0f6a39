// Callers of whom each may do everything, for tests of something else than access.

import { OPEN_PASS } from '../../src/broker/session/rights.ts'
import type { CallerPorts } from '../../src/http/callers.ts'

export const OPEN: CallerPorts = {
  door: { admit: () => ({ kind: 'admitted', pass: OPEN_PASS }) },
  mayPublish: () => true,
}
