// The alert that the disk of the data folder is getting full, while people can still be told: once it is full
// nothing is committed, and nobody hears of anything. It is resolved when there is clearly more room again.

import { statfs } from 'node:fs/promises'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { messageOf } from '../../base/printable.ts'
import { formatSize } from '../../base/quantities.ts'
import type { OwnAlerts } from './own-alerts.ts'

const KEY = 'disk'
const LOOK_EVERY_MS = 30_000
/** A small file system is getting full when this part of it is free, whatever the limits say. */
const SMALL_PART = 0.1
/** It has room again with this many times the limit. */
const CLEARLY = 1.25

/** Free bytes below which people are told. */
export interface DiskLimits {
  readonly warning: number
  readonly critical: number
}

/** Of a file system, in bytes. */
export interface DiskRoom {
  /** What the user of the hub may still write. */
  readonly free: number
  readonly whole: number
}

export interface DiskAlertPorts {
  readonly clock: Clock
  readonly log: Log
  readonly alerts: Pick<OwnAlerts, 'open' | 'raise' | 'resolve'>
  readonly dataDir: string
  readonly limits: DiskLimits
  readonly roomOf?: (folder: string) => Promise<DiskRoom>
}

const LEVELS = ['fine', 'warning', 'critical'] as const
type Level = (typeof LEVELS)[number]

export class DiskAlert {
  readonly #ports: DiskAlertPorts
  readonly #roomOf: (folder: string) => Promise<DiskRoom>
  /** What people were told last; `null` where a hub before this one told them. */
  #told: Level | null
  #isBlind = false
  #looking: Promise<void> = Promise.resolve()
  #cancel: (() => void) | undefined

  constructor(ports: DiskAlertPorts) {
    this.#ports = ports
    this.#roomOf = ports.roomOf ?? roomOf
    this.#told = ports.alerts.open(KEY).includes(KEY) ? null : 'fine'
  }

  start(): void {
    this.#looking = this.#look()
    this.#cancel = this.#ports.clock.after(LOOK_EVERY_MS, () => this.start())
  }

  async stop(): Promise<void> {
    this.#cancel?.()
    await this.#looking
  }

  async #look(): Promise<void> {
    const { log, dataDir } = this.#ports
    try {
      this.#judge(await this.#roomOf(dataDir))
      this.#isBlind = false
    } catch (error) {
      if (!this.#isBlind) log.warn(`Nobody knows how full the disk of ${dataDir} is: ${messageOf(error)}`)
      this.#isBlind = true
    }
  }

  #judge({ free, whole }: DiskRoom): void {
    const { alerts, log, dataDir, limits } = this.#ports
    const warning = Math.min(limits.warning, whole * SMALL_PART)
    const critical = Math.min(limits.critical, warning)
    const level: Level = free < critical ? 'critical' : free < warning ? 'warning' : 'fine'
    const room = `${formatSize(free)} of ${formatSize(whole)} are free on the file system of ${dataDir}.`
    if (level === 'fine') {
      if (this.#told === 'fine' || free < CLEARLY * warning) return
      alerts.resolve(KEY, { title: 'The disk of the hub has room again', body: room })
    } else {
      // An alert stays as severe as it was, until it is resolved.
      if (this.#told !== null && LEVELS.indexOf(level) <= LEVELS.indexOf(this.#told)) return
      const body = `${room} ${FULL}`
      log.warn(body)
      alerts.raise(KEY, { title: 'The disk of the hub is getting full', body, severity: level })
    }
    this.#told = level
  }
}

const FULL =
  'When nothing is left, the hub acknowledges nothing and tells nobody. ' +
  'Make room, or let history.maxSize be less.'

async function roomOf(folder: string): Promise<DiskRoom> {
  const { bavail, blocks, bsize } = await statfs(folder)
  return { free: bavail * bsize, whole: blocks * bsize }
}
