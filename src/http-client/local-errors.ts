// Errors of a connection that say something of this machine, and nothing of the other one.

const LOCAL: Readonly<Record<string, string>> = {
  EACCES: 'this machine does not allow the connection',
  EADDRNOTAVAIL: 'this machine has no address or port left for the connection',
  EMFILE: 'the hub has too many files open',
  ENFILE: 'this machine has too many files open',
  ENOBUFS: 'this machine has no memory left for connections',
  ENOMEM: 'this machine has no memory left',
  EPERM: 'this machine does not allow the connection',
}

/**
 * A sentence on what is wrong with this machine; `undefined` when the error is that of the other side or the
 * network.
 */
export function localProblem(error: unknown): string | undefined {
  const { code = '' } = error as NodeJS.ErrnoException
  return Object.hasOwn(LOCAL, code) ? `${LOCAL[code]} (${code})` : undefined
}
