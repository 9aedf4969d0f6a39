import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/base/clock.ts'
import { Advertiser } from '../../../src/mqtt-sn/gateway/advertise.ts'
import { hex } from '../world.ts'

it('says at its start and every so often that it is there, while it is usable (6.1)', () => {
  const clock = new ManualClock()
  const said: string[] = []
  let isUsable = true
  const advertiser = new Advertiser({
    clock,
    settings: { gatewayId: 7, advertise: { to: '225.0.18.83', port: 1884, every: 900_000 } },
    isUsable: () => isUsable,
    send: (datagram, { address, port }) => said.push(`${address}:${port} ${hex(datagram)}`),
  })
  advertiser.start()
  expect(said).toEqual(['225.0.18.83:1884 05 00 07 03 84'])
  isUsable = false
  clock.advance(900_000)
  expect(said).toHaveLength(1)
  isUsable = true
  clock.advance(900_000)
  expect(said).toHaveLength(2)
  advertiser.stop()
  clock.advance(9_000_000)
  expect(said).toHaveLength(2)
})

it('says nothing where nobody is named', () => {
  const clock = new ManualClock()
  const settings = { gatewayId: 7 }
  new Advertiser({ clock, settings, isUsable: () => true, send: () => expect.unreachable() }).start()
  expect(clock.nextAt).toBeNull()
})
