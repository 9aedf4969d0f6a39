// What the hub tells systemd, where systemd has started it (`Type=notify` in the unit): that it is ready, that
// it still works, and that it stops. Elsewhere nothing is told.
//
// Node has no datagram sockets of the family AF_UNIX, so `systemd-notify` brings the message: it is there
// wherever systemd is (sd_notify(3), systemd-notify(1)). It has a pid of its own, so the unit needs
// `NotifyAccess=all`.

import { execFile } from 'node:child_process'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'

export interface ServicePorts {
  /** NOTIFY_SOCKET, and WATCHDOG_USEC with WATCHDOG_PID where the unit has `WatchdogSec=`. */
  readonly env: NodeJS.ProcessEnv
  readonly pid: number
  readonly clock: Pick<Clock, 'after'>
  readonly log: Pick<Log, 'warn'>
  /** Resolves once the parts without which the hub cannot go on have answered. */
  readonly answer: () => Promise<unknown>
}

export interface Service {
  /** Says that the hub is ready, and from then on, where systemd asks for it, that it still works. */
  ready(status: string): Promise<void>
  /** Says that the hub stops; may be called twice. */
  stop(): Promise<void>
}

const SILENT: Service = { ready: async () => {}, stop: async () => {} }

/** systemd restarts a service that says nothing for the whole time; so a sign of life has two more chances. */
const SIGNS_OF_LIFE_IN_THE_TIME = 3

export function openService({ env, pid, clock, log, answer }: ServicePorts): Service {
  if (!env['NOTIFY_SOCKET']) return SILENT
  const everyMs = watchdogMs(env, pid) / SIGNS_OF_LIFE_IN_THE_TIME
  let cancel = (): void => {}
  let stopping = false

  const tell = (...args: readonly string[]): Promise<void> =>
    new Promise((resolve) => {
      execFile('systemd-notify', args, { env, timeout: 10_000 }, (error) => {
        if (error !== null)
          log.warn({ err: error }, `systemd was not told (${args.join(' ')}): ${reasonOf(error)}.`)
        resolve()
      })
    })
  // The next sign is due when this one was answered: a part that hangs lets all signs stay away.
  const sign = async (): Promise<void> => {
    await answer()
    if (stopping) return
    await tell('WATCHDOG=1')
    if (!stopping) signLater()
  }
  const signLater = (): void => {
    cancel = clock.after(everyMs, () => void sign())
  }

  return {
    async ready(status) {
      await tell('--ready', `--status=${status}`)
      if (Number.isFinite(everyMs) && !stopping) signLater()
    },
    async stop() {
      if (stopping) return
      stopping = true
      cancel()
      await tell('STOPPING=1')
    },
  }
}

/** Infinity: systemd does not watch this process. */
function watchdogMs(env: ServicePorts['env'], pid: number): number {
  const { WATCHDOG_USEC: microseconds, WATCHDOG_PID: watched = String(pid) } = env
  const ms = Number(microseconds) / 1_000
  return ms > 0 && Number(watched) === pid ? ms : Infinity
}

const reasonOf = (error: Error & { code?: unknown }): string =>
  error.code === 'ENOENT' ? 'there is no systemd-notify on the PATH of the hub' : error.message.trim()
