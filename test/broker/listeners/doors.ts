// Doors for tests that are about listeners.

import type { Caller, Door } from '../../../src/model/access.ts'

/** Lets everybody in, and remembers who came. */
export function openDoor(): Door & { readonly callers: Caller[] } {
  const callers: Caller[] = []
  return {
    callers,
    admit(caller) {
      callers.push(caller)
      return {
        kind: 'admitted',
        pass: { user: caller.certificateName ?? null, rights: null, proof: null, realm: null },
      }
    },
    begin: () => undefined,
    renew: (pass) => pass,
    onChanged: () => {},
  }
}
