import { expect, test } from 'vitest'
import { check, checkUntil, CLOSED, failed, good, host, serveUdp } from './probing.ts'

interface Clockwork {
  readonly aheadMs?: number
  readonly stratum?: number
  readonly leap?: number
  readonly mode?: number
  readonly code?: string
  readonly isFresh?: boolean
}

/** A time server on the loopback, whose clock is that far ahead. */
const timeServer = ({
  aheadMs = 0,
  stratum = 2,
  leap = 0,
  mode = 4,
  code,
  isFresh,
}: Clockwork): Promise<number> =>
  serveUdp((query) => {
    const answer = Buffer.alloc(48)
    answer[0] = leap * 64 + 4 * 8 + mode
    answer[1] = stratum
    answer.write(code ?? '', 12, 'latin1')
    if (isFresh !== false) query.copy(answer, 24, 40, 48)
    for (const at of [32, 40]) {
      const moment = Date.now() + aheadMs + 2_208_988_800_000
      answer.writeUInt32BE(Math.floor(moment / 1_000), at)
      answer.writeUInt32BE(Math.floor(((moment % 1_000) / 1_000) * 2 ** 32), at + 4)
    }
    return answer
  })

test.each<[string, Clockwork, object, object]>([
  ['is good when it is synchronised', {}, {}, good],
  ['is good when the clocks agree', {}, { offsetMs: 60_000 }, good],
  [
    'fails when it is ahead',
    { aheadMs: 90_000 },
    { offsetMs: 60_000 },
    failed("its clock and the hub's differ by 1m 30s"),
  ],
  [
    'fails when it is behind',
    { aheadMs: -90_000 },
    { offsetMs: 60_000 },
    failed("its clock and the hub's differ by 1m 30s"),
  ],
  ['does not mind its clock where nobody asks', { aheadMs: 9e9 }, {}, good],
  [
    'fails when it is too far from the source',
    { stratum: 5 },
    { stratum: 4 },
    failed('its stratum is 5, above 4'),
  ],
  ['fails when it is not synchronised', { leap: 3 }, {}, failed('its clock is not synchronised')],
  ['fails with stratum 16, too', { stratum: 16 }, {}, failed('its clock is not synchronised')],
  [
    'fails with the code of a refusal',
    { stratum: 0, code: 'RATE' },
    {},
    failed('it refuses to answer (RATE)'),
  ],
  ['does not take a client for a server', { mode: 3 }, {}, failed('what answers there is no NTP server')],
  ['takes no answer to another query', { isFresh: false }, {}, failed('what answers there is no NTP server')],
])('an ntp ping %s', async (_title, clockwork, expectation, outcome) => {
  const port = await timeServer(clockwork)
  expect(await check({ kind: 'ntp', host, port, ...expectation })).toEqual(outcome)
})

test('an ntp ping fails when nothing listens, or nothing is answered in time', async () => {
  expect(await check({ kind: 'ntp', ...CLOSED })).toEqual(failed('nothing listens there'))
  const asked = Promise.withResolvers<void>()
  const port = await serveUdp(() => (asked.resolve(), undefined))
  expect(await checkUntil({ kind: 'ntp', host, port }, asked.promise)).toEqual(failed('no answer within 5s'))
})
