// Mosquitto's own broker tests, against vigie: `node test/foreign/mosquitto-suite.ts [TEST…]`. They are not part of this
// repository: Debian's source package is fetched and unpacked for the run (needs a Debian, network, python3). Exit 1 when a
// test fails that is not listed below with the reason why.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const AT_ONCE = 3
const FIRST_PORT = 21_000
/** The longest starts a broker 60 times. */
const TEST_MS = 600_000

const NO_ALERT = 'a certificate that is no good ends the connection without a TLS alert: so does Node'
const FIRST_BYTE =
  'the first byte is part of a packet: one of 21 is not for a client that takes 20 [MQTT-3.1.2-24]'
const PROTOCOL_ERROR =
  'a packet id of 0 or QoS 3 is a protocol error, 0x82, and an ill-formed filter invalid, 0x8f: not malformed, 0x81'
const LONG =
  'a topic of 4 KiB or 256 levels is refused in words of its own: 0x8f in SUBACK, 0x90 in DISCONNECT'
const OWN_BYTES = 'it compares bytes itself, a packet id among them that the broker may choose'
const CLEAN_START =
  'a session that another CONNECT begins anew has ended, and so its will is due, whatever its delay [MQTT-3.1.2-8]'

/** What vigie does not have, or does otherwise on purpose. */
const DIFFERENT: Readonly<Record<string, string>> = {
  '01-connect-uname-password-success-no-tls.py':
    'it is for a Mosquitto built without TLS, which takes passwords in plain text',
  '02-subpub-qos0-long-topic.py': LONG,
  '02-subscribe-long-topic.py': LONG,
  '03-publish-long-topic.py': LONG,
  '02-subpub-qos1-message-expiry.py': OWN_BYTES,
  '02-subpub-qos1-message-expiry-will.py': OWN_BYTES,
  '11-message-expiry.py': OWN_BYTES,
  '02-subpub-qos2.py': 'a QoS 2 message is given on when it has come, not when it is released',
  '03-publish-c2b-disconnect-qos2.py': 'PUBCOMP for a packet id that is free says so: 0x92',
  '03-publish-qos1-queued-bytes.py': 'it is written for Python 2',
  '07-will-takeover.py':
    'the will of whoever is taken over is published, whether its session is kept or not [MQTT-3.1.2-8]',
  '07-will-delay-reconnect.py': CLEAN_START,
  '07-will-delay-recover.py': CLEAN_START,
  '08-ssl-connect-cert-auth-expired.py': NO_ALERT,
  '08-ssl-connect-cert-auth-revoked.py': NO_ALERT,
  '09-acl-access-variants.py': '%u stands for nobody whose password was not asked for',
  '09-acl-change.py': 'permissions of a user are for nobody whose password was not asked for',
  '12-prop-assigned-client-identifier.py':
    'it compares the bytes of CONNACK itself, and limits come in another order',
  '12-prop-maximum-packet-size-publish-qos1.py': FIRST_BYTE,
  '12-prop-maximum-packet-size-publish-qos2.py': FIRST_BYTE,
  '12-prop-subpub-payload-format.py': 'a payload format is 0 or 1, and a protocol error otherwise',
  '13-malformed-subscribe-v5.py': PROTOCOL_ERROR,
  '13-malformed-unsubscribe-v5.py': PROTOCOL_ERROR,
}

async function runAll(tests: string, broker: string, asked: readonly string[]): Promise<void> {
  const names = readdirSync(tests)
    .filter((name) => /^\d\d-.*\.py$/.test(name) && !name.includes('helper'))
    .filter((name) => asked.length === 0 || asked.some((part) => name.includes(part)))
  const results = { passed: 0, 'not there': 0, different: 0, failed: 0 }
  let next = 0
  const work = async (place: number): Promise<void> => {
    for (let name = names[next++]; name !== undefined; name = names[next++]) {
      const { code, output } = await runOne(tests, broker, name, FIRST_PORT + place * 3)
      const why = DIFFERENT[name]
      const verdict =
        code === 0 ? 'passed' : code === 3 ? 'not there' : why === undefined ? 'failed' : 'different'
      results[verdict]++
      if (verdict !== 'passed')
        console.log(`${verdict.padEnd(10)}${name}${why === undefined ? '' : `: ${why}`}`)
      if (verdict === 'failed' || (verdict === 'not there' && asked.length > 0)) console.log(indented(output))
      if (code === 0 && why !== undefined) console.log(`passes now: ${name}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, (_, place) => work(place)))
  console.log(
    Object.entries(results)
      .map(([verdict, count]) => `${count} ${verdict}`)
      .join(', '),
  )
  if (results.failed > 0) process.exitCode = 1
}

async function runOne(
  tests: string,
  broker: string,
  name: string,
  port: number,
): Promise<{ code: number | null; output: string }> {
  const ports = [port, port + 1, port + 2].slice(0, portsOf(join(tests, name)))
  const child = spawn('python3', [`./${name}`, ...ports.map(String)], {
    cwd: tests,
    env: { ...process.env, BROKER: broker },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => void (output += String(text)))
  const timer = setTimeout(() => {
    output += `It took longer than ${TEST_MS / 1_000} s.`
    child.kill('SIGKILL')
  }, TEST_MS)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  // A broker that the test has left behind.
  try {
    process.kill(-child.pid!, 'SIGKILL')
  } catch {}
  return { code, output }
}

/** How many ports a test takes as arguments. */
function portsOf(file: string): number {
  return Number(/get_port\((\d)\)/.exec(readFileSync(file, 'utf8'))?.[1] ?? 1)
}

/** Where Debian's source package lies unpacked. Its index is kept apart from the system's. */
function fetchSource(into: string): string {
  const lists = join(into, 'lists')
  mkdirSync(join(lists, 'partial'), { recursive: true })
  const sources = join(into, 'src.sources')
  const binary = readFileSync('/etc/apt/sources.list.d/debian.sources', 'utf8')
  writeFileSync(sources, binary.replaceAll(/^Types:.*$/gm, 'Types: deb-src'))
  const options = [
    `Dir::Etc::sourcelist=${sources}`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State::lists=${lists}`,
  ]
  const apt = (...args: string[]): void =>
    void execFileSync('apt-get', [...options.flatMap((option) => ['-o', option]), '-qq', ...args], {
      cwd: into,
      stdio: 'ignore',
    })
  apt('update')
  apt('source', '--download-only', 'mosquitto')
  const archive = readdirSync(into).find((name) => name.endsWith('.orig.tar.gz'))!
  execFileSync('tar', ['xzf', archive], { cwd: into })
  return join(
    into,
    readdirSync(into).find((name) => /^mosquitto-\d/.test(name))!,
  )
}

/** Certificates that are good today; those of the package have expired. */
function renewCertificates(into: string): void {
  const shell = (command: string): void =>
    void execFileSync('sh', ['-c', command], { cwd: into, stdio: 'ignore' })
  shell('sh gen.sh')
  // Node asks for a revocation list of every authority of a chain, Mosquitto for that of the last.
  shell('openssl ca -batch -config openssl.cnf -name CA_root -gencrl -out root.pem')
  for (const list of ['crl.pem', 'crl-empty.pem']) shell(`cat root.pem >> ${list}`)
}

function indented(text: string): string {
  const lines = text.trim().split('\n').slice(-20)
  return lines.map((line) => `    ${line.slice(0, 300)}`).join('\n')
}

const asked = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'vigie-mosquitto-'))
try {
  const tests = join(fetchSource(folder), 'test/broker')
  renewCertificates(join(tests, '../ssl'))
  const broker = join(folder, 'as-mosquitto')
  writeFileSync(
    broker,
    `#!/bin/sh\nexec "${process.execPath}" "${join(import.meta.dirname, 'as-mosquitto.ts')}" "$@"\n`,
  )
  chmodSync(broker, 0o755)
  appendFileSync(
    join(tests, '../mosq_test.py'),
    readFileSync(join(import.meta.dirname, 'mosq_test_patch.py')),
  )
  await runAll(tests, broker, asked)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
