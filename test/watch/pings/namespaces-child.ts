// A hub's pings in a network namespace of its own, with a cable to a second one that holds a router and a
// NAS. Prints what is told. On stdin `pull` and `plug` take the cable out and put it back; its end stops all.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLog } from '../../../src/base/log.ts'
import type { PingReport, PingSpec, PingTarget } from '../../../src/model/probe.ts'
import { openSecrets } from '../../../src/secrets/secrets.ts'
import { Pings } from '../../../src/watch/pings/pings.ts'

const ip = (words: string): unknown => execFileSync('ip', words.split(' '), { stdio: 'inherit' })

const ROUTER = '10.9.9.2'
const NAS = '10.9.8.1'

ip('link set lo up')
ip('link add hub type veth peer name router')
// The namespace on the other side lasts as long as this shell.
const far = spawn(
  'unshare',
  [
    '--net',
    'sh',
    '-c',
    `read moved; ip addr add ${ROUTER}/24 dev router; ip addr add ${NAS}/32 dev lo; ip link set lo up; ip link set router up; echo; read end`,
  ],
  { stdio: ['pipe', 'pipe', 'inherit'] },
)
await untilUnshared(far.pid!)
ip(`link set router netns ${far.pid}`)
far.stdin.write('\n')
await once(far.stdout, 'data')
ip('addr add 10.9.9.1/24 dev hub')
plug()

function plug(): void {
  ip('link set hub up')
  ip(`route add ${NAS} via ${ROUTER}`)
}

/** Until then the process is in this namespace. */
async function untilUnshared(pid: number): Promise<void> {
  const netOf = (of: number | string): string => execFileSync('readlink', [`/proc/${of}/ns/net`]).toString()
  while (netOf(pid) === netOf('self')) await new Promise((resolve) => setTimeout(resolve, 5))
}

const ping = (name: string, target: PingTarget, dependsOn: readonly string[] = []): PingSpec => ({
  name,
  target,
  everyMs: 150,
  jitterMs: 0,
  timeoutMs: 1_500,
  fails: 2,
  recovers: 1,
  flapping: null,
  dependsOn,
  isReference: false,
})

const pings = new Pings(
  [
    ping('own', { kind: 'host', host: '127.0.0.1' }),
    ping('router', { kind: 'host', host: ROUTER }),
    ping('nas', { kind: 'host', host: NAS }, ['router']),
    ping('far-ssh', { kind: 'tcp', host: NAS, port: 22 }, ['router']),
  ],
  {
    root: 'vigie',
    clock: systemClock,
    log: silentLog,
    secrets: openSecrets({}, null),
    within: (_ping, code) => code(),
    isLeftAlone: () => false,
    last: () => undefined,
    publish: ({ topic, payload }) => {
      const { state, mutedBy } = JSON.parse(String(payload)) as PingReport
      if (!topic.endsWith('/minute'))
        console.log([topic.split('/').at(-1), state, mutedBy].filter((part) => part !== undefined).join(' '))
      return Promise.resolve(1)
    },
  },
)
pings.start()
for await (const line of createInterface({ input: process.stdin }))
  if (line === 'pull') ip('link set hub down')
  else plug()
await pings.stop()
far.kill('SIGKILL')
process.exit(0)
