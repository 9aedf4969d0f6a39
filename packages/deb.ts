// `npm run deb [-- --out FOLDER] [--fast]`: makes the Debian package of this machine's architecture. It carries its
// own Node.js, as Debian's is too old, and needs nothing of the network once it is there.
//
//   /usr/bin/vigie          starts /usr/lib/vigie/bin/node on /usr/lib/vigie/dist/bin.js
//   /etc/vigie              configuration and rules, which an upgrade leaves alone where they were changed
//   /var/lib/vigie          history and users, which not even a purge removes
//   vigie.service           the hub, as a user of its own

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { manual } from './manual.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MAINTAINER = 'the vigie authors <vigie@localhost>'
/** Debian's word for the architecture that Node names. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** Files of packages that no program runs or reads. */
const NEVER_RUN = /^\.|\.(?:html|map|md|markdown)$/
/** Folders at the top of a package that are for those who develop it. */
const FOR_DEVELOPERS = /^(?:tests?|docs?|examples?|benchmarks?|benches|tools)$/

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(ROOT, 'dist') },
    fast: { type: 'boolean', default: false },
  },
})
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
const architecture = ARCHITECTURES[process.arch]
if (architecture === undefined)
  throw new Error(`Debian packages are made on x64 and arm64, not on ${process.arch}.`)

const tree = mkdtempSync(join(tmpdir(), 'vigie-deb-'))
chmodSync(tree, 0o755)
try {
  fill()
  const file = join(values.out, `vigie_${version}_${architecture}.deb`)
  mkdirSync(values.out, { recursive: true })
  // Without --fast the package is a third as large, and takes a minute.
  const compression = values.fast ? ['-Zgzip', '-z1'] : ['-Zxz']
  execFileSync('dpkg-deb', ['--root-owner-group', ...compression, '--build', tree, file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  process.stdout.write(`${file}\n`)
} finally {
  rmSync(tree, { recursive: true, force: true })
}

function fill(): void {
  putProgram(join(tree, 'usr/lib/vigie'))
  put('packages/debian/vigie', 'usr/bin/vigie', 0o755)
  put('packages/systemd/vigie.service', 'usr/lib/systemd/system/vigie.service')
  put('packages/systemd/vigie.sysusers', 'usr/lib/sysusers.d/vigie.conf')
  put('packages/systemd/vigie.tmpfiles', 'usr/lib/tmpfiles.d/vigie.conf')
  put('packages/debian/vigie.config.ts', 'etc/vigie/vigie.config.ts')
  put('rules/hello.ts', 'etc/vigie/rules/hello.ts')
  put('LICENSE', 'usr/share/doc/vigie/copyright')
  put('docs', 'usr/share/doc/vigie/docs')
  put('rules', 'usr/share/doc/vigie/examples/rules')
  put('CHANGELOG.md', 'usr/share/doc/vigie/CHANGELOG.md')
  write('usr/share/doc/vigie/changelog.gz', gzipSync(debianChangelog(), { level: 9 }))
  put('packages/debian/lintian-overrides', 'usr/share/lintian/overrides/vigie')
  write('usr/share/man/man1/vigie.1.gz', gzipSync(manual(version), { level: 9 }))
  for (const script of ['postinst', 'prerm', 'postrm'])
    put(`packages/debian/${script}`, `DEBIAN/${script}`, 0o755)
  write('DEBIAN/conffiles', '/etc/vigie/vigie.config.ts\n/etc/vigie/rules/hello.ts\n')
  write('DEBIAN/control', control())
}

/** The package as it is published, with what it depends on, and the Node.js of this checkout. */
function putProgram(to: string): void {
  mkdirSync(to, { recursive: true })
  const npm = (...args: string[]): string =>
    execFileSync('npm', args, { cwd: to, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const packed = npm('pack', ROOT, '--silent', '--pack-destination', to).trim().split('\n').at(-1) ?? ''
  execFileSync('tar', ['--extract', '--strip-components=1', '--file', packed], { cwd: to })
  rmSync(join(to, packed))
  cpSync(join(ROOT, 'package-lock.json'), join(to, 'package-lock.json'))
  npm('ci', '--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--silent')
  // Only the binary of this machine: the others, and the source of SQLite, are three quarters of it.
  const sqlite = join(to, 'node_modules/better-sqlite3')
  rmSync(join(sqlite, 'deps'), { recursive: true, force: true })
  for (const file of readdirSync(join(sqlite, 'prebuilds')))
    if (file !== `linux-${process.arch}.node`) rmSync(join(sqlite, 'prebuilds', file))
  rmSync(join(to, 'package-lock.json'))
  leaveOut(join(to, 'node_modules'))
  chmodSync(join(to, 'dist/bin.js'), 0o755)
  mkdirSync(join(to, 'bin'))
  cpSync(process.execPath, join(to, 'bin/node'))
  chmodSync(join(to, 'bin/node'), 0o755)
}

/** The licences stay. No file is run as a program of its own. */
function leaveOut(folder: string): void {
  const isPackage = existsSync(join(folder, 'package.json'))
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    const isUnused = NEVER_RUN.test(entry.name) || (isPackage && FOR_DEVELOPERS.test(entry.name))
    if (isUnused && !/licen[cs]e/i.test(entry.name)) rmSync(path, { recursive: true })
    else if (entry.isDirectory()) leaveOut(path)
    else chmodSync(path, 0o644)
  }
}

function put(from: string, to: string, mode = 0o644): void {
  mkdirSync(dirname(join(tree, to)), { recursive: true })
  cpSync(join(ROOT, from), join(tree, to), { recursive: true })
  if (statSync(join(tree, to)).isFile()) chmodSync(join(tree, to), mode)
}

function write(to: string, contents: string | Uint8Array): void {
  mkdirSync(dirname(join(tree, to)), { recursive: true })
  writeFileSync(join(tree, to), contents)
}

/** Debian's form of a changelog; what has changed is told in CHANGELOG.md. */
function debianChangelog(): string {
  return `vigie (${version}) stable; urgency=medium

  * See /usr/share/doc/vigie/CHANGELOG.md.

 -- ${MAINTAINER}  ${new Date().toUTCString().replace('GMT', '+0000')}
`
}

function control(): string {
  const kilobytes = execFileSync('du', ['-sk', '--exclude=DEBIAN', tree], { encoding: 'utf8' }).split('\t')[0]
  return `Package: vigie
Version: ${version}
Architecture: ${architecture}
Maintainer: ${MAINTAINER}
Installed-Size: ${kilobytes}
Depends: libc6 (>= 2.28), libstdc++6, systemd
Recommends: iputils-ping | inetutils-ping
Suggests: fping
Section: net
Priority: optional
Description: MQTT broker that acts on what passes through it, and never misses it
 vigie is an MQTT broker with a rule engine. Devices and scripts publish
 messages, and rules in small TypeScript files say what to do about them: run
 commands, call webhooks, publish messages, raise alerts. Every message and
 every action is kept in SQLite, so nothing is missed after a crash, and you
 can ask why something happened.
`
}
