// What some tests need beside Node, npm, a shell and coreutils: foreign programs, mostly. Where one is missing the test
// is skipped, with the name in its title. On CI (`CI` in the environment) a missing one is an error.

import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmdirSync } from 'node:fs'
import { release, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { describe, it } from 'vitest'
import { mountIn } from '../../src/process/cgroup.ts'
import { NEEDS } from './missing-tools.ts'

/** `it` for a test that needs these: `itWith('openssl')('serves TLS', …)`. */
export const itWith = (...names: readonly string[]): typeof it => unlessMissing(it, names)

/** `describe` for tests that all need these. */
export const describeWith = (...names: readonly string[]): typeof describe => unlessMissing(describe, names)

const PATH = (process.env['PATH'] ?? '').split(delimiter)
/** A PATH without the system's programs stands for a machine without them: `.ci/run` has one. */
const IS_BARE = !PATH.includes('/usr/bin')
/** Debian puts servers where an ordinary user's PATH does not lead. */
const PLACES = IS_BARE ? PATH : [...PATH, '/usr/sbin', '/sbin']

/** What takes more than a file in PATH. */
const FOUND_OTHERWISE: Readonly<Record<string, () => boolean>> = {
  'python3 with paho-mqtt': () => pythonWith('paho.mqtt.client') !== undefined,
  Linux: () => process.platform === 'linux',
  'root, who may mount': canMount,
  'root, who may make control groups of version 2': canMakeCgroups,
  'root, who may limit the pids of a namespace (Linux 6.14)': canLimitPids,
  'root, who may unshare the network': () => spawnSync('unshare', ['--net', 'true']).status === 0,
}

const found = new Map<string, boolean>()

function isThere(name: string): boolean {
  const known = found.get(name)
  if (known !== undefined) return known
  const isFound = FOUND_OTHERWISE[name]?.() ?? findProgram(name) !== undefined
  found.set(name, isFound)
  return isFound
}

type Declares = (title: string, ...rest: readonly unknown[]) => void

function unlessMissing<T extends typeof it | typeof describe>(api: T, names: readonly string[]): T {
  const missing = names.filter((name) => !isThere(name))
  if (missing.length === 0) return api
  if (process.env['CI'])
    throw new Error(
      `${missing.join(' and ')} is missing: .ci/run installs programs, and needs root for the rest.`,
    )
  const noted =
    (declare: Declares): Declares =>
    (title, ...rest) =>
      declare(`${title}${NEEDS}${missing.join(', ')}`, ...rest)
  const { skip } = api as typeof it
  const each = (...cases: Parameters<typeof skip.each>) => noted(skip.each(...cases) as Declares)
  return Object.assign(noted(skip as Declares), { each }) as unknown as T
}

/** Where a program lies, or `undefined`. */
function findProgram(name: string): string | undefined {
  return PLACES.map((place) => join(place, name)).find((file) => isExecutable(file))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A Python that has this module: the system's own before others, for that is where Debian's packages go. */
export function pythonWith(module: string): string | undefined {
  const pythons = IS_BARE ? ['python3'] : ['/usr/bin/python3', 'python3']
  return pythons.find((python) => spawnSync(python, ['-c', `import ${module}`]).status === 0)
}

/** Root in a container may not. */
function canMount(): boolean {
  if (process.getuid?.() !== 0 || findProgram('mount') === undefined) return false
  const folder = mkdtempSync(join(tmpdir(), 'vigie-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder], { stdio: 'ignore' })
    execFileSync('umount', [folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  } finally {
    rmdirSync(folder)
  }
}

function canMakeCgroups(): boolean {
  if (process.platform !== 'linux') return false
  const mount = mountIn(readFileSync('/proc/self/mountinfo', 'utf8'))
  if (mount === undefined) return false
  const folder = join(mount, `vigie-test-${process.pid}-try`)
  try {
    mkdirSync(folder)
    rmdirSync(folder)
    return true
  } catch {
    return false
  }
}

/** An older Linux has one limit for the whole machine, which the attempt would lower: it is not made there. */
function canLimitPids(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number)
  if (process.platform !== 'linux' || major < 6 || (major === 6 && minor < 14)) return false
  const script = 'echo 400 > /proc/sys/kernel/pid_max'
  return spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'sh', '-c', script]).status === 0
}
