// Names of users. Of other processes only those of /etc/passwd are known: users of a directory service are shown, and selected,
// by number.

import { readFileSync } from 'node:fs'
import os from 'node:os'

/** Names by user id. */
export function readUserNames(file = '/etc/passwd'): Map<string, string> {
  const names = new Map<string, string>()
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    // A container may have none.
  }
  for (const line of text.split('\n')) {
    const [name, , uid] = line.split(':')
    if (name && uid !== undefined && !names.has(uid)) names.set(uid, name)
  }
  return names
}

/** The user that this process runs as: a name, or the number where the machine does not know one. */
export function ownUser(): string {
  try {
    return os.userInfo().username
  } catch {
    return String(process.getuid?.() ?? '')
  }
}
