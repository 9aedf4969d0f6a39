// `vigie user`: who may log in. A hub that runs notices the change by itself.

import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { Option } from 'commander'
import { changeUsers, readUsers } from '../access/change-users.ts'
import { hashPassword } from '../access/passwords.ts'
import { type UsersFile, UsersFileError, userNameProblem } from '../access/users-file.ts'
import { nearMiss } from '../base/near-miss.ts'
import { printable } from '../base/printable.ts'
import { type Command, EXIT, UserError } from './command.ts'
import { configOption, jsonOption } from './options.ts'
import { readPassword } from './secret.ts'
import { loadSettings } from './settings.ts'

const VERBS = ['add', 'rm', 'passwd', 'list']

export const user: Command = {
  usage: 'user <add|rm|passwd|list> [name]',
  summary: 'keep the file of those who may log in',
  options: [
    new Option('--file <file>', 'the users file (default: that of the configuration, ./users.json)'),
    new Option('--no-scram', 'keep only the scrypt hash: the user cannot log in by SCRAM-SHA-256'),
    jsonOption(),
    configOption(),
  ],
  help: 'The password is asked for, or is the first line of the input: vigie user add bob < password.txt',
  async run({ args, options, terminal }) {
    const [verb = '', name = ''] = args
    if (!VERBS.includes(verb)) {
      throw new UserError(`"vigie user" knows ${VERBS.join(', ')}, not ${JSON.stringify(verb)}.`)
    }
    const file =
      typeof options.file === 'string'
        ? resolve(terminal.cwd, options.file)
        : (await loadSettings(options, terminal.cwd)).users
    try {
      if (verb === 'list') {
        const names = Object.keys(readUsers(file).users).toSorted()
        if (options.json) for (const each of names) terminal.out(`${JSON.stringify({ user: each })}\n`)
        else for (const each of names) terminal.out(`${printable(each)}\n`)
        if (names.length === 0 && terminal.isTty) terminal.error(`There is no user in ${file}.\n`)
        return EXIT.ok
      }
      const problem = userNameProblem(name)
      if (problem !== undefined) throw new UserError(problem)
      check(readUsers(file), verb, name)
      const secret = { input: process.stdin, prompt: terminal.error }
      const record =
        verb === 'rm'
          ? undefined
          : await hashPassword(await readPassword(secret, name), options.scram !== false)
      changeUsers(file, (before) => {
        check(before, verb, name)
        const { [name]: _, ...others } = before.users
        const users = record === undefined ? others : { ...before.users, [name]: record }
        return { ...before, secret: before.secret ?? randomBytes(32).toString('base64'), users }
      })
      terminal.out(`${DONE[verb]} user "${name}" in ${file}. A hub that runs takes it over by itself.\n`)
      return EXIT.ok
    } catch (error) {
      if (error instanceof UsersFileError) throw new UserError(error.message)
      throw error
    }
  },
}

const DONE: Readonly<Record<string, string>> = {
  add: 'Added',
  rm: 'Removed',
  passwd: 'Changed the password of',
}

function check({ users }: UsersFile, verb: string, name: string): void {
  const exists = Object.hasOwn(users, name)
  if (verb === 'add' && exists)
    throw new UserError(
      `There is a user "${name}" already; "vigie user passwd ${name}" gives a new password.`,
    )
  if (verb === 'add' || exists) return
  const meant = nearMiss(name, Object.keys(users))
  const hint = meant === undefined ? '"vigie user list" lists them' : `did you mean "${meant}"?`
  throw new UserError(`There is no user "${name}"; ${hint}`)
}
