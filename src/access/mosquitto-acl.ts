// The permissions of Mosquitto, from its ACL file (mosquitto.conf(5), acl_file): `topic [ACCESS] TOPIC` for
// everybody without a user name, or for the `user NAME` above it; `pattern [ACCESS] TOPIC` for all, with %u
// and %c.

import { printable } from '../base/printable.ts'
import { topicFilterProblem } from '../topics/names.ts'
import { UsersFileError } from './users-file.ts'
import type { UsersFile } from './users-file.ts'

type Permission = NonNullable<UsersFile['permissions']>[number]

type Access = 'read' | 'write' | 'readwrite' | 'deny'

const isAccess = (word: string): word is Access => ['read', 'write', 'readwrite', 'deny'].includes(word)

/** @throws UsersFileError with a line for each problem */
export function parseMosquittoAcl(text: string, file: string): Permission[] {
  const permissions: Permission[] = []
  const problems: string[] = []
  let who: Permission = { anonymous: true }
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, key = '', rest = ''] = /^\s*(\S+)\s*(.*?)\s*$/.exec(line) ?? []
    if (key === '' || key.startsWith('#')) continue
    if (key === 'user' && rest !== '') who = { users: [rest] }
    else if (key === 'topic' || key === 'pattern') {
      const { access, topic } = accessOf(rest)
      const problem = topicFilterProblem(topic)
      if (problem !== undefined) problems.push(`  line ${index + 1}: ${problem}`)
      else if (key === 'topic') permissions.push({ ...who, ...allow(access, topic.replaceAll('%', '%%')) })
      else permissions.push(allow(access, topic.replaceAll(/%(?![uc])/g, '%%')))
    } else problems.push(`  line ${index + 1}: "${printable(line)}" is neither user, topic nor pattern.`)
  }
  if (problems.length > 0)
    throw new UsersFileError(`${file} cannot be taken over; nothing was changed:\n${problems.join('\n')}`)
  // Mosquitto grants every SUBSCRIBE; reading is asked for when a message is on its way. And its bridges tell
  // their state.
  return [...permissions, { subscribe: ['#', '$SYS/#'], publish: ['$SYS/broker/connection/+/state'] }]
}

/** A topic may hold spaces. */
function accessOf(rest: string): { readonly access: Access; readonly topic: string } {
  const [, word = '', topic = ''] = /^(\S+)\s+(.*)$/.exec(rest) ?? []
  return isAccess(word) ? { access: word, topic } : { access: 'readwrite', topic: rest }
}

function allow(access: Access, topic: string): Permission {
  const [publish, receive] = [[topic], [topic]]
  switch (access) {
    case 'read':
      return { receive }
    case 'write':
      return { publish }
    case 'readwrite':
      return { publish, receive }
    case 'deny':
      return { deny: { publish, receive } }
  }
  return access satisfies never
}
