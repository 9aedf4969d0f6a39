// Stands in for the `mosquitto` program in its own tests: takes its flags and its configuration file, and runs vigie with
// what they ask for. Exit 3, before anything listens, when they ask for something that vigie does not have.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseMosquittoAcl } from '../../src/access/mosquitto-acl.ts'
import { parseMosquittoPasswords } from '../../src/access/mosquitto-passwords.ts'
import { takeOverHash } from '../../src/access/passwords.ts'
import { type UsersFile, UsersFileError } from '../../src/access/users-file.ts'

const HAS_NOT = 3

type Line = readonly [key: string, value: string]

const lines = readLines(process.argv.slice(2))
const port = Number(lines.find(([key]) => key === 'port')?.[1] ?? 1883)
const folder = mkdtempSync(join(tmpdir(), 'vigie-foreign-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

/** What Mosquitto offers by default, where its tests build on it. */
const limits: Record<string, number | string> = { inflight: 20, receiveMaximum: 20, topicAliases: 10 }
const rules = join(folder, 'rules')
mkdirSync(rules)
const listeners: Record<string, unknown>[] = []
let current: Record<string, unknown> = { type: 'tcp', host: '127.0.0.1', port }
let hasListener = false
let isOpen: boolean | undefined
let usersFile: UsersFile = { users: {} }
let data = join(folder, 'data')
let isKept = false
let keptIn = 'mosquitto.db'

for (const [key, value] of lines) await take(key, value)
listeners.push(current)
if (isKept) data = kept()

// Access holds for all listeners: none of the tests that run here has two kinds of it.
const anonymous = isOpen ?? !process.argv.includes('-c')
writeFileSync(join(folder, 'users.json'), JSON.stringify(usersFile))
const config = {
  data,
  rules,
  // Mosquitto keeps none, and says so in PUBACK when nobody has asked for a message.
  history: { exclude: ['#'] },
  limits,
  users: join(folder, 'users.json'),
  http: { port: 0, mqtt: false },
  listeners: listeners.map((one) => ({ ...one, anonymous: anonymous && !one['userFromCertificate'] })),
}
writeFileSync(join(folder, 'vigie.config.ts'), `export default ${JSON.stringify(config)}\n`)
process.argv.splice(2, Infinity, 'start', '--config', join(folder, 'vigie.config.ts'))
await import('../../src/bin.js')

async function take(key: string, value: string): Promise<void> {
  switch (key) {
    case 'port':
      hasListener = true
      current['port'] = Number(value)
      return
    case 'log_type':
    case 'sys_interval':
    case 'per_listener_settings':
    case 'max_connections':
    case 'autosave_interval':
      return
    case 'listener':
      if (hasListener) listeners.push(current)
      hasListener = true
      current = { type: 'tcp', host: '127.0.0.1', port: Number(value.split(' ')[0]) }
      return
    case 'allow_anonymous':
      isOpen = value === 'true'
      return
    case 'persistence':
      isKept = value === 'true'
      return
    case 'persistence_file':
      keptIn = value
      return
    case 'max_inflight_messages':
      limits['inflight'] = limits['receiveMaximum'] = Number(value) || 65_535
      return
    case 'max_queued_messages':
      limits['queueMessages'] = Number(value) || 1_000_000
      return
    case 'max_packet_size':
      limits['packetSize'] = `${value}B`
      return
    case 'max_keepalive':
      limits['keepAlive'] = `${value}s`
      return
    case 'cafile':
      current['ca'] = resolve(value)
      return
    case 'certfile':
      Object.assign(current, { type: 'tls', cert: resolve(value) })
      return
    case 'keyfile':
      current['key'] = resolve(value)
      return
    case 'crlfile':
      current['crl'] = resolve(value)
      return
    case 'require_certificate':
      if (value === 'true') current['clientCertificate'] = 'required'
      return
    case 'use_identity_as_username':
      if (value !== 'true') return
      current['userFromCertificate'] = true
      current['clientCertificate'] ??= 'optional'
      return
    case 'password_file':
      usersFile = { ...usersFile, users: await usersOf(value) }
      return
    case 'acl_file':
      usersFile = { ...usersFile, permissions: parseMosquittoAcl(readFileSync(value, 'utf8'), value) }
      return
    default:
      process.stderr.write(`vigie has no ${key}.\n`)
      process.exit(HAS_NOT)
  }
}

/** The data of the last start, unless the test has taken away the file that Mosquitto would have left. */
function kept(): string {
  const found = resolve(`${keptIn}.vigie`)
  if (!existsSync(keptIn)) rmSync(found, { recursive: true, force: true })
  writeFileSync(keptIn, '')
  return found
}

function readLines(args: readonly string[]): Line[] {
  const found: Line[] = []
  for (let at = 0; at < args.length; at++) {
    if (args[at] === '-p') found.push(['port', args[++at] ?? ''])
    else if (args[at] === '-c') {
      const text = existsSync(args[at + 1] ?? '') ? readFileSync(args[++at] ?? '', 'utf8') : ''
      for (const line of text.split('\n')) {
        const [key = '', ...rest] = line.trim().split(' ')
        if (key !== '') found.push([key, rest.join(' ').trim()])
      }
    }
  }
  return found
}

/** Lines that are no user with a hash are passed over, as in Mosquitto. */
async function usersOf(file: string): Promise<UsersFile['users']> {
  const users: UsersFile['users'] = {}
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    try {
      for (const { name, digest, hash } of await parseMosquittoPasswords(line, file))
        users[name] = await takeOverHash(digest, hash)
    } catch (error) {
      if (!(error instanceof UsersFileError)) throw error
    }
  }
  return users
}
