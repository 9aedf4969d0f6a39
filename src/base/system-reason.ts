// Says in words why the system refused an operation on a file: its codes are for programs (errno(3)).

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EACCES: 'this user lacks the permission',
  EPERM: 'this user lacks the permission',
  ELOOP: 'it is a link that leads back to itself',
  EROFS: 'its disk can only be read',
  ENOSPC: 'its disk is full',
  EDQUOT: "this user's share of its disk is full",
  EIO: 'its disk reports an error; see the system log',
  EMFILE: 'this process has too many files open',
  ENFILE: 'the system has too many files open',
  ENAMETOOLONG: 'its name is too long',
  EEXIST: 'there is a file of that name',
}

/** Whether an error comes from a system call on a file. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string'

/**
 * The end of a sentence such as "users.json cannot be read: …"; `undefined` for anything but an error of the
 * system.
 */
export const systemReason = (error: unknown): string | undefined =>
  isSystemError(error) ? (REASONS[error.code ?? ''] ?? error.message) : undefined
