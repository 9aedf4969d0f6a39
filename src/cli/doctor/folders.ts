// Files and folders: the data folder with its lock and its disk, the users file, TLS files, the rules.

import { X509Certificate } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { createSecureContext } from 'node:tls'
import { readUsers } from '../../access/change-users.ts'
import { isReadableByOthers } from '../../access/replace-file.ts'
import { readTokens, tokensFileOf } from '../../access/tokens-file.ts'
import { messageOf } from '../../base/printable.ts'
import { formatDuration, formatSize } from '../../base/quantities.ts'
import { systemReason } from '../../base/system-reason.ts'
import { findHub } from '../../config/hub-file.ts'
import { inspectRules, InspectionFailed } from '../../engine/inspect/inspect.ts'
import { bad, type Finding, good, type Patient, warning } from './finding.ts'

const DAY_MS = 86_400_000
const SOON_MS = 14 * DAY_MS
/** Below this part of the disk the journal may soon be unable to write. */
const LEAST_FREE = 0.05

export async function examineFolders(patient: Patient): Promise<readonly Finding[]> {
  const { config, now } = patient
  const { data, users, listeners } = config
  const certificates = listeners.flatMap((listener) => ('cert' in listener ? [listener] : []))
  return [
    examineData(data),
    examineDisk(data),
    examineUsers(users),
    ...examineTokens(tokensFileOf(users)),
    ...certificates.map(({ cert, key }) => examineCertificate(cert, key, now)),
    ...(await examineRules(patient)),
  ]
}

/** The folder itself, or the nearest one above it that exists, where it would be made. */
function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder))
}

function examineData(data: string): Finding {
  const place = nearest(data)
  try {
    accessSync(place, constants.W_OK | constants.X_OK)
  } catch (error) {
    return bad(
      'data',
      `The data folder ${data} cannot be written: ${systemReason(error) ?? messageOf(error)} (${place}).`,
      'Let the user of the hub write there, or name another folder with --data.',
    )
  }
  if (place !== data) return good('data', `The data folder ${data} is made when the hub starts.`)
  if (!statSync(data).isDirectory())
    return bad('data', `${data} is a file.`, 'Name another folder with --data.')
  const hub = findHub(data)
  const holder = hub === undefined ? '' : ` The hub of process ${hub.pid} uses it.`
  if ((statSync(data).mode & 0o007) !== 0)
    return warning(
      'data',
      `Every user of this machine can look into the data folder ${data}.${holder}`,
      `Take that away: chmod o= ${data}`,
    )
  return good('data', `The data folder ${data} can be written.${holder}`)
}

function examineDisk(data: string): Finding {
  const place = nearest(data)
  const { bavail, blocks, bsize } = statfsSync(place)
  const says = `${formatSize(bavail * bsize)} of ${formatSize(blocks * bsize)} are free on the disk of ${place}.`
  if (blocks > 0 && bavail / blocks < LEAST_FREE)
    return bad('disk', says, 'Make room, or keep less: history: { maxSize } in the configuration.')
  return good('disk', says)
}

function examineUsers(file: string): Finding {
  if (!existsSync(file))
    return good('users', `There is no users file ${file}: only this machine may connect.`)
  try {
    const count = Object.keys(readUsers(file).users).length
    if (isReadableByOthers(file))
      return warning(
        'users',
        `Others can read ${file}, with its hashes.`,
        `Take that away: chmod 600 ${file}`,
      )
    return good('users', `${file} has ${count} user${count === 1 ? '' : 's'}.`)
  } catch (error) {
    return bad('users', messageOf(error), 'Mend the file, or make it anew with "vigie user add".')
  }
}

function examineTokens(file: string): Finding[] {
  if (!existsSync(file)) return []
  try {
    const count = Object.keys(readTokens(file).tokens).length
    if (isReadableByOthers(file))
      return [warning('tokens', `Others can read ${file}.`, `Take that away: chmod 600 ${file}`)]
    return [good('tokens', `${file} has ${count} token${count === 1 ? '' : 's'}.`)]
  } catch (error) {
    return [bad('tokens', messageOf(error), 'Mend the file, or make it anew with "vigie token add".')]
  }
}

function examineCertificate(cert: string, key: string, now: number): Finding {
  const renew = 'Renew it. A running hub reads the new files by itself.'
  try {
    const [certificate, secret] = [readFileSync(cert), readFileSync(key)]
    // Whether the two belong together, as a listener finds out.
    createSecureContext({ cert: certificate, key: secret })
    const endsAt = Date.parse(new X509Certificate(certificate).validTo)
    const about = `The certificate ${cert}`
    if (endsAt <= now) return bad('tls', `${about} has expired, ${formatDuration(now - endsAt)} ago.`, renew)
    if (endsAt < now + SOON_MS)
      return warning('tls', `${about} expires in ${formatDuration(endsAt - now)}.`, renew)
    if ((statSync(key).mode & 0o077) !== 0)
      return warning('tls', `Others can read the key ${key}.`, `Take that away: chmod 600 ${key}`)
    return good('tls', `${about} is good for ${Math.floor((endsAt - now) / DAY_MS)} days.`)
  } catch (error) {
    const reason = systemReason(error) ?? messageOf(error)
    return bad(
      'tls',
      `${cert} and ${key} cannot be used: ${reason}.`,
      'Name a certificate and its key, both in PEM.',
    )
  }
}

async function examineRules({ config }: Patient): Promise<readonly Finding[]> {
  const { rules, root, place } = config
  if (!existsSync(rules))
    return [
      bad(
        'rules',
        `There is no rules folder ${rules}.`,
        'Create it (it may be empty), or name another with --rules.',
      ),
    ]
  const mend = '"vigie check" says more. Until then the hub goes on with the rules that were in force.'
  try {
    const report = await inspectRules({ rulesDir: rules, root, place }, (loaded) => loaded)
    if (report.failures.length > 0) return report.failures.map((failure) => bad('rules', failure, mend))
    return [good('rules', `All rules in ${rules} load: ${report.rules.length}.`)]
  } catch (error) {
    if (error instanceof InspectionFailed) return [bad('rules', error.message, mend)]
    throw error
  }
}
