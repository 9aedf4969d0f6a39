// Names of users. Only those of /etc/passwd are known: users of a directory service are shown, and selected,
// by number.

import { readFileSync } from 'node:fs'

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
