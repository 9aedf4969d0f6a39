import { describe, expect, it } from 'vitest'
import { DEEPEST_CAUSE } from '../../src/model/event.ts'
import { type Leaving, leave, nameOf, passageOf, propertiesOf } from '../../src/model/passage.ts'
import { encodePropertyBytes } from '../../src/mqtt/properties.ts'
import type { UserProperty } from '../../src/mqtt/properties.ts'

const user = (...userProperties: UserProperty[]) => ({ userProperties })
const leaving = (rest: Partial<Leaving> = {}): Leaving => ({
  event: 7,
  cause: null,
  properties: {},
  root: {},
  ...rest,
})

describe('a message that leaves', () => {
  it('takes the id of the hub and the number of its event along', () => {
    expect(leave(leaving(), 'a', undefined)).toEqual(user(['vigie-path', 'a'], ['vigie-event', '7']))
  })

  it('keeps what others have written and the number at the first hub, and adds itself to the path', () => {
    const properties = { contentType: 'x', ...user(['k', 'v'], ['vigie-path', 'a'], ['vigie-event', '3']) }
    expect(leave(leaving({ properties }), 'b', 'c')).toEqual({
      contentType: 'x',
      ...user(['k', 'v'], ['vigie-path', 'a b'], ['vigie-event', '3']),
    })
  })

  it('has one name on every way, and none where the first hub gave it no number', () => {
    const first = leave(leaving(), 'a', undefined)!
    const second = leave(leaving({ event: 99, properties: first }), 'b', undefined)!
    expect([nameOf(passageOf(first)), nameOf(passageOf(second))]).toEqual(['a 7', 'a 7'])
    const unnumbered = leave(leaving({ event: undefined }), 'a', undefined)!
    const passed = leave(leaving({ properties: unnumbered }), 'b', undefined)!
    expect([nameOf(passageOf(unnumbered)), nameOf(passageOf(passed))]).toEqual([undefined, undefined])
  })

  it.each([
    ['has been here', 'a b', 'a', 'c'],
    ['has been there', 'a b', 'c', 'a'],
  ])('does not leave when it %s', (_what, path, here, there) => {
    expect(leave(leaving({ properties: user(['vigie-path', path]) }), here, there)).toBeUndefined()
  })

  it('does not leave when it has passed as many hubs as there may be', () => {
    const path = Array.from({ length: DEEPEST_CAUSE }, (_, index) => `h${index}`)
    const at = (length: number) =>
      leave(leaving({ properties: user(['vigie-path', path.slice(0, length).join(' ')]) }), 'here', undefined)
    expect(at(DEEPEST_CAUSE - 1)).toBeDefined()
    expect(at(DEEPEST_CAUSE)).toBeUndefined()
  })
})

describe('what a rule publishes because of a message', () => {
  const root = user(['vigie-path', 'a'], ['vigie-depth', '3'])
  const cause = { event: 1, run: 1, depth: 2 }

  it('goes back to where the message came from, as an answer does', () => {
    expect(leave(leaving({ cause, root }), 'b', 'a')).toEqual(
      user(['vigie-path', 'b'], ['vigie-event', '7'], ['vigie-depth', '5']),
    )
  })

  it('does not leave when the chain of causes over all hubs is too long', () => {
    const deep = user(['vigie-depth', String(DEEPEST_CAUSE - 2)])
    expect(leave(leaving({ cause, root: deep }), 'b', 'a')).toBeDefined()
    const deeper = user(['vigie-depth', String(DEEPEST_CAUSE - 1)])
    expect(leave(leaving({ cause, root: deeper }), 'b', 'a')).toBeUndefined()
  })
})

describe('what is read of a message', () => {
  it('is nothing where no hub has written', () => {
    expect(passageOf(propertiesOf(null))).toEqual({ path: [], depth: 0, event: undefined })
  })

  it('is what bytes say, and not what nobody could have written', () => {
    const bytes = encodePropertyBytes(
      user(['vigie-path', 'a <script> b'], ['vigie-depth', '-1'], ['vigie-event', '12']),
    )
    expect(passageOf(propertiesOf(bytes))).toEqual({ path: ['a', 'b'], depth: 0, event: 12 })
  })
})
