// Reads the users file, and changes it.

import { readFileSync } from 'node:fs'
import { messageOf } from '../base/printable.ts'
import { systemReason } from '../base/system-reason.ts'
import { replaceFile } from './replace-file.ts'
import { NO_USERS, parseUsersFile, type UsersFile, UsersFileError } from './users-file.ts'

/** An absent file has no users. */
export function readUsers(file: string): UsersFile {
  try {
    return parseUsersFile(readFileSync(file, 'utf8'), file)
  } catch (error) {
    if (error instanceof UsersFileError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NO_USERS
    throw new UsersFileError(`${file} cannot be read: ${systemReason(error) ?? messageOf(error)}.`)
  }
}

export const changeUsers = (file: string, change: (before: UsersFile) => UsersFile): void =>
  replaceFile(file, 'vigie user', () => change(readUsers(file)))
