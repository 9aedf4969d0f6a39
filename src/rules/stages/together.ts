// `together: { window: '10s', atLeast: 5 }`: firings of several keys of a rule that are one, for instance when
// a switch fails and twenty devices are lost. The first firing opens a window, one for each kind of change. At
// its end the firings are one with the list of keys if there are enough of them, and otherwise what they were.
//
// Devices whose loss was told jointly return jointly: their return is told when the last one is back, or is
// told of by itself.
//
// Unlike the other stages this one has one memory for all keys of a rule. Pure, and JSON as theirs.

import { formatDuration } from '../../base/quantities.ts'
import { MOST_KEYS_TOLD } from '../../model/run.ts'
import type { FiringDetails } from '../../model/run.ts'
import { shortened } from '../context/payload.ts'

export interface TogetherLimits {
  readonly windowMs: number
  /** So many keys are one firing. */
  readonly atLeast: number
}

/** A firing on its way through; the joint one's key is empty. */
export interface Waiting {
  readonly key: string
  readonly event: number
  /** Unix ms; `null` for never. */
  readonly expiresAt: number | null
  readonly details?: FiringDetails
}

interface Window {
  readonly dueAt: number
  /** In the order in which they came. */
  readonly firings: readonly Waiting[]
}

export interface TogetherMemory {
  /** By change; `plain` for firings that tell of none. */
  readonly windows: Readonly<Record<string, Window>>
  /** The keys of joint losses that have not returned. */
  readonly away: readonly string[]
  /** The keys of joint losses that have returned, until all have. */
  readonly returned: readonly string[]
}

export interface TogetherMove {
  readonly memory: TogetherMemory | undefined
  /** What fires, in order. */
  readonly on: readonly Waiting[]
  /** Firings that go no further, or not yet, and why. */
  readonly held: readonly { readonly key: string; readonly event: number; readonly reason: string }[]
}

/** A window with so many firings ends at once. */
export const MOST_WAITING = 1_000
/** Of joint losses, so many keys are remembered; the return of others is told as any return. */
const MOST_AWAY = 2_000

const NOTHING: TogetherMemory = { windows: {}, away: [], returned: [] }

/** A firing comes. */
export function gather(
  memory: TogetherMemory = NOTHING,
  firing: Waiting,
  now: number,
  limits: TogetherLimits,
): TogetherMove {
  const { key, event } = firing
  const change = firing.details?.change
  const opposite = change === 'lost' ? 'back' : change === 'back' ? 'lost' : undefined
  const taken = opposite === undefined ? undefined : withdraw(memory, opposite, key)
  if (taken)
    return moved(
      taken.memory,
      [],
      [
        { ...taken.firing, reason: 'what it says was over before it was told' },
        { key, event, reason: 'it ends what had not been told yet' },
      ],
    )
  const left = change === undefined ? undefined : leave(memory, firing)
  if (left && left.held.length > 0) return left
  const before = left?.memory ?? memory
  const name = change ?? 'plain'
  const window = before.windows[name] ?? { dueAt: now + limits.windowMs, firings: [] }
  const grown = { ...window, firings: [...window.firings, firing] }
  const next = { ...before, windows: { ...before.windows, [name]: grown } }
  if (grown.firings.length >= MOST_WAITING) {
    const released = release(next, name, limits)
    return { ...released, on: [...(left?.on ?? []), ...released.on] }
  }
  const reason = `waits ${formatDuration(grown.dueAt - now)} for others`
  return moved(next, left?.on ?? [], [{ key, event, reason }])
}

/** The earliest end of a window; Infinity for none. */
export const togetherWakeAt = ({ windows }: TogetherMemory): number =>
  Math.min(...Object.values(windows).map(({ dueAt }) => dueAt))

/** The windows that have ended by now are told. */
export function wakeTogether(memory: TogetherMemory, now: number, limits: TogetherLimits): TogetherMove {
  const due = Object.entries(memory.windows)
    .filter(([, { dueAt }]) => dueAt <= now)
    .toSorted(([, a], [, b]) => a.dueAt - b.dueAt)
  let move: TogetherMove = moved(memory, [], [])
  for (const [name] of due) {
    const { memory: next, on, held } = release(move.memory ?? NOTHING, name, limits)
    move = { memory: next, on: [...move.on, ...on], held: [...move.held, ...held] }
  }
  return move
}

function release(memory: TogetherMemory, name: string, limits: TogetherLimits): TogetherMove {
  const { [name]: window, ...windows } = memory.windows
  const firings = window?.firings ?? []
  const keys = [...new Set(firings.map(({ key }) => key))]
  const last = firings.at(-1)
  if (last === undefined || keys.length < limits.atLeast) return moved({ ...memory, windows }, firings, [])
  const others = `told together with ${keys.length - 1} others, by event ${last.event}`
  return moved(
    name === 'lost' ? depart({ ...memory, windows }, keys) : { ...memory, windows },
    [joint(keys, last, latest(firings))],
    firings.slice(0, -1).map(({ key, event }) => ({ key, event, reason: others })),
  )
}

function depart(memory: TogetherMemory, keys: readonly string[]): TogetherMemory {
  const room = Math.max(0, MOST_AWAY - memory.away.length - memory.returned.length)
  return { ...memory, away: [...memory.away, ...keys.slice(0, room)] }
}

/**
 * What a firing means for a joint loss to which its key belongs; `undefined` when it belongs to none. A firing
 * that is not held is still to be told by itself.
 */
function leave(memory: TogetherMemory, firing: Waiting): TogetherMove | undefined {
  const { key, event, details } = firing
  const change = details?.change
  if (!memory.away.includes(key)) {
    if (!memory.returned.includes(key)) return undefined
    const returned = without(memory.returned, key)
    if (change !== 'lost') return moved({ ...memory, returned }, [], [])
    const reason = 'it is lost again, before its return was told'
    return moved({ ...memory, away: [...memory.away, key], returned }, [], [{ key, event, reason }])
  }
  const away = without(memory.away, key)
  const isBack = change === 'back'
  const returned = isBack ? [...memory.returned, key] : memory.returned
  const ends = away.length === 0
  const reason = ends ? 'the last one of those lost together' : `${away.length} lost with it are still away`
  const on =
    ends && returned.length > 0
      ? [joint(returned, { ...firing, details: { ...details, change: 'back' } }, firing.expiresAt)]
      : []
  return moved(
    { ...memory, away, returned: ends ? [] : returned },
    on,
    isBack ? [{ key, event, reason }] : [],
  )
}

/** Takes a firing out of a window. */
function withdraw(
  memory: TogetherMemory,
  name: string,
  key: string,
): { readonly memory: TogetherMemory; readonly firing: Waiting } | undefined {
  const { [name]: window, ...windows } = memory.windows
  const firing = window?.firings.find((each) => each.key === key)
  if (window === undefined || firing === undefined) return undefined
  const firings = window.firings.filter((each) => each !== firing)
  const rest = firings.length === 0 ? windows : { ...windows, [name]: { ...window, firings } }
  return { memory: { ...memory, windows: rest }, firing }
}

const joint = (keys: readonly string[], { event, details }: Waiting, expiresAt: number | null): Waiting => ({
  key: '',
  event,
  expiresAt,
  details: {
    ...details,
    together: { count: keys.length, keys: keys.slice(0, MOST_KEYS_TOLD).map(shortened) },
  },
})

/** The last end of what is worth doing. */
const latest = (firings: readonly Waiting[]): number | null =>
  firings.reduce<number | null>(
    (end, { expiresAt }) => (end === null || expiresAt === null ? null : Math.max(end, expiresAt)),
    0,
  )

const without = (keys: readonly string[], key: string): readonly string[] =>
  keys.filter((each) => each !== key)

function moved(memory: TogetherMemory, on: TogetherMove['on'], held: TogetherMove['held']): TogetherMove {
  const { windows, away, returned } = memory
  const isEmpty = Object.keys(windows).length + away.length + returned.length === 0
  return { memory: isEmpty ? undefined : memory, on, held }
}
