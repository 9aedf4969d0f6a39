// systemd is a datagram socket to a service. Python stands in for it, as Node has no such sockets.

import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { execa } from 'execa'
import { ManualClock } from '../../src/base/clock.ts'
import { openService } from '../../src/service/systemd.ts'
import { startHubProcess, temporaryFolder } from '../support/hub.ts'
import { itWith } from '../support/tools.ts'

/** Prints each datagram on a line of JSON, and closes what comes with it: systemd-notify waits for that. */
const MANAGER = `
import array, json, socket, sys
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(sys.argv[1])
print(json.dumps('bound'), flush=True)
while True:
    data, files, _, _ = socket.recv_fds(manager, 4096, 4)
    for file in files: socket.close(file)
    if data != b'BARRIER=1': print(json.dumps(data.decode()), flush=True)
`

async function startManager() {
  const socket = join(temporaryFolder(), 'notify')
  const manager = execa('python3', ['-c', MANAGER, socket], { reject: false })
  onTestFinished(() => void manager.kill())
  const lines = manager[Symbol.asyncIterator]()
  const next = async (): Promise<string> => JSON.parse((await lines.next()).value as string) as string
  expect(await next()).toBe('bound')
  return { socket, next }
}

const log = { warn: (...args: unknown[]) => expect.fail(args.join(' ')) }

describe('a service', () => {
  it('says nothing where systemd has not started it', async () => {
    const clock = new ManualClock()
    const after = vi.spyOn(clock, 'after')
    const service = openService({ env: { WATCHDOG_USEC: '1' }, pid: 1, clock, log, answer: neverAsked })
    await service.ready('here')
    await service.stop()
    expect(after).not.toHaveBeenCalled()
  })

  itWith('systemd-notify', 'python3')('tells that it is ready, and that it stops', async () => {
    const { socket, next } = await startManager()
    const env = { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '6000000', WATCHDOG_PID: '2' }
    // The time of the watchdog is for another process, so nobody is asked for a sign of life.
    const service = openService({ env, pid: 1, clock: new ManualClock(), log, answer: neverAsked })
    await service.ready('listens')
    expect(await next()).toBe('READY=1\nSTATUS=listens')
    await service.stop()
    expect(await next()).toBe('STOPPING=1')
  })

  itWith('systemd-notify', 'python3')('gives a sign of life for each answer, and none without', async () => {
    const { socket, next } = await startManager()
    const clock = new ManualClock()
    const questions: (() => void)[] = []
    const service = openService({
      env: { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '6000000' },
      pid: 1,
      clock,
      log,
      answer: () => new Promise<void>((resolve) => questions.push(resolve)),
    })
    await service.ready('listens')
    await next()
    clock.advance(1_999)
    expect(questions).toHaveLength(0)
    clock.advance(1)
    questions.shift()?.()
    expect(await next()).toBe('WATCHDOG=1')
    await expect
      .poll(() => {
        clock.advance(2_000)
        return questions.length
      })
      .toBe(1)
    // Whoever does not answer is not asked again, and no sign is given for him.
    clock.advance(60_000)
    expect(questions).toHaveLength(1)
    await service.stop()
    questions.shift()?.()
    expect(await next()).toBe('STOPPING=1')
  })
})

describe('a hub that systemd has started', () => {
  itWith('systemd-notify', 'python3')(
    'is ready, lives while its journal answers, and says that it stops',
    async () => {
      const { socket, next } = await startManager()
      const env = { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '300000' }
      const hub = await startHubProcess(['--data', temporaryFolder()], env)
      expect(await next()).toMatch(/^READY=1\nSTATUS=MQTT: mqtt:\/\/127\.0\.0\.1:\d+; HTTP: http:\/\/127/)
      expect(await next()).toBe('WATCHDOG=1')
      expect(await next()).toBe('WATCHDOG=1')
      await hub.end('SIGTERM')
      let last = await next()
      while (last === 'WATCHDOG=1') last = await next()
      expect(last).toBe('STOPPING=1')
    },
  )

  it('warns and goes on without systemd-notify', async () => {
    const hub = await startHubProcess(['--data', temporaryFolder()], { NOTIFY_SOCKET: '/nowhere', PATH: '' })
    await hub.line(({ msg }) => /systemd was not told .*there is no systemd-notify on the PATH/.test(msg))
    expect((await hub.end('SIGTERM')).code).toBe(0)
  })
})

const neverAsked = (): Promise<void> => Promise.reject(new Error('nobody asked for a sign of life'))
