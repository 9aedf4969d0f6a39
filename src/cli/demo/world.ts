// What happens in the small house and on its build server, as a pure function of a seed. Moments are those of the
// house's own clock, which begins at seven in the morning.

import { type Random, randomOf } from './random.ts'

/** Something that a client of the hub does. */
export type Happening = {
  /** Milliseconds since the house's clock began. */
  readonly atMs: number
  readonly client: ClientId
} & (
  | { readonly kind: 'publish'; readonly topic: string; readonly payload: string; readonly retain: boolean }
  /** The client's connection breaks off, so that the hub publishes its will; or the client comes back. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'back' }
)

export const CLIENTS = ['climate', 'doors', 'boiler', 'build-server', 'nas'] as const
export type ClientId = (typeof CLIENTS)[number]

const MINUTE = 60_000
export const HOUR = 60 * MINUTE
const BEGIN_HOUR = 7

/** Everything that happens, without an end, in the order of time. */
export function* happenings(seed: number): Generator<Happening, never> {
  const random = (name: string): Random => randomOf(seed, name)
  const parts = [
    climate('living', 20.5, 1.5, random('living')),
    climate('bedroom', 18, 1, random('bedroom')),
    climate('cellar', 11.8, 1, random('cellar')),
    climate('garden', 12, 6, random('garden')),
    power(random('power')),
    door('front', [1, 3], random('front')),
    door('garage', [2, 25], random('garage')),
    boiler(random('boiler')),
    builds('site', random('site')),
    builds('firmware', random('firmware')),
    backup(random('backup')),
  ]
  const next = parts.map((part) => part.next().value)
  for (;;) {
    const first = next.reduce((best, { atMs }, index) => (atMs < next[best]!.atMs ? index : best), 0)
    yield next[first]!
    next[first] = parts[first]!.next().value
  }
}

type Part = Generator<Happening, never>

const publish = (
  atMs: number,
  client: ClientId,
  topic: string,
  value: unknown,
  retain = false,
): Happening => ({
  kind: 'publish',
  atMs: Math.round(atMs),
  client,
  topic,
  payload: typeof value === 'string' ? value : JSON.stringify(value),
  retain,
})

/** From -1 at four in the morning to 1 at four in the afternoon. */
const dayCurve = (atMs: number): number => Math.sin(((atMs / HOUR + BEGIN_HOUR - 10) / 24) * 2 * Math.PI)

function* climate(room: string, mean: number, swing: number, random: Random): Part {
  let drift = 0
  for (let at = random.between(0, 5 * MINUTE); ; at += random.between(4, 6) * MINUTE) {
    drift = drift * 0.9 + random.between(-0.2, 0.2)
    const celsius = mean + swing * dayCurve(at) + drift
    yield publish(at, 'climate', `house/${room}/temperature`, rounded(celsius, 1), true)
    yield publish(at + 200, 'climate', `house/${room}/humidity`, Math.round(58 - 2 * (celsius - mean)), true)
  }
}

function* power(random: Random): Part {
  for (let at = 0; ; at += MINUTE) {
    const kettle = random.chance(0.03) ? 2_000 : 0
    const watts = 320 + 180 * Math.max(0, dayCurve(at - 3 * HOUR)) + kettle + random.between(-25, 25)
    yield publish(at, 'climate', 'house/power', { watts: Math.round(watts) })
  }
}

/** @param openMinutes how long it stays open, at least and at most */
function* door(name: string, [least, most]: readonly [number, number], random: Random): Part {
  let at = 0
  yield publish(at, 'doors', `house/doors/${name}`, 'closed', true)
  for (;;) {
    at += random.between(10, 70) * MINUTE
    yield publish(at, 'doors', `house/doors/${name}`, 'open', true)
    at += random.between(least, most) * MINUTE
    yield publish(at, 'doors', `house/doors/${name}`, 'closed', true)
  }
}

function* boiler(random: Random): Part {
  let at = 0
  for (;;) {
    const failsAt = at + random.between(1, 4) * HOUR
    for (at += MINUTE; at < failsAt; at += 10 * MINUTE)
      yield publish(at, 'boiler', 'devices/boiler/water', rounded(60 + random.between(-5, 5), 1))
    at = failsAt
    yield { kind: 'lost', atMs: Math.round(at), client: 'boiler' }
    at += random.between(10, 30) * MINUTE
    yield { kind: 'back', atMs: Math.round(at), client: 'boiler' }
  }
}

function* builds(job: string, random: Random): Part {
  let at = random.between(0, 10 * MINUTE)
  for (let number = 101; ; number++) {
    yield publish(at, 'build-server', `builds/${job}/started`, { number })
    const seconds = Math.round(random.between(60, 400))
    at += seconds * 1_000
    const result = random.chance(0.2) ? 'FAILURE' : 'SUCCESS'
    yield publish(at, 'build-server', `builds/${job}/result`, { number, result, seconds })
    at += random.between(5, 40) * MINUTE
  }
}

function* backup(random: Random): Part {
  let at = random.between(5, 30) * MINUTE
  for (let run = 1; ; run++) {
    const id = `backup-${run}`
    yield publish(at, 'nas', 'tasks/backup/start', { id, host: 'nas' })
    const failsAfter = random.chance(0.2) ? random.between(0.2, 0.9) : 1
    for (let done = 0.25; done < failsAfter; done += 0.25) {
      at += random.between(3, 5) * MINUTE
      yield publish(at, 'nas', 'tasks/backup/progress', { id, percent: done * 100 })
    }
    at += 3 * MINUTE
    yield failsAfter < 1
      ? publish(at, 'nas', 'tasks/backup/failed', {
          id,
          exitCode: 23,
          tail: 'rsync: connection unexpectedly closed',
        })
      : publish(at, 'nas', 'tasks/backup/done', { id, exitCode: 0, tail: 'sent 4,096,331 bytes' })
    at += random.between(100, 140) * MINUTE
  }
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))
