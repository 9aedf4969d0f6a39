import { describe, expect, it } from 'vitest'
import { jsonPropertyBytes } from '../../src/model/json-properties.ts'
import { childOf, namesTrace, traceOf, traceProperties } from '../../src/model/trace.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const PARENT = `00-${TRACE}-${SPAN}-01`

const traceFrom = (...userProperties: [string, string][]) => traceOf(jsonPropertyBytes({ userProperties }))

describe('a trace', () => {
  it('is read from the user properties of an event', () => {
    expect(
      traceFrom(['room', 'hall'], ['traceparent', PARENT], ['tracestate', 'a=1'], ['tracestate', 'b=2']),
    ).toEqual({
      traceId: TRACE,
      isSampled: true,
      parent: PARENT,
      state: 'a=1,b=2',
    })
    expect(traceFrom(['room', 'hall'])).toBeUndefined()
    expect([traceOf(null), traceOf(Buffer.alloc(0))]).toEqual([undefined, undefined])
  })

  // https://www.w3.org/TR/trace-context/#traceparent-header-field-values and its test suite
  it.each([
    ['the version that is none', `ff-${TRACE}-${SPAN}-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['something behind the flags of version 00', `${PARENT}-more`],
    ['something behind the flags without a hyphen', `01-${TRACE}-${SPAN}-01more`],
    ['no hexadecimal digit', `00-${TRACE.replace('4', 'g')}-${SPAN}-01`],
    ['too few digits', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['nothing', ''],
  ])('is ignored where it has %s, and the vendors with it', (_, parent) => {
    expect(traceFrom(['traceparent', parent], ['tracestate', 'a=1'])).toBeUndefined()
    expect(traceProperties(parent, 'a=1')).toEqual([])
  })

  it('is taken from a later version, which may say more', () => {
    for (const parent of [`01-${TRACE}-${SPAN}-03`, `cc-${TRACE}-${SPAN}-01-what-the-future-brings`])
      expect(traceFrom(['traceparent', parent])).toMatchObject({ traceId: TRACE, isSampled: true })
  })

  it('is none where there are two', () => {
    expect(traceFrom(['traceparent', PARENT], ['traceparent', PARENT])).toBeUndefined()
  })

  it('goes on with a span of its own, in version 00, with the one flag that it knows', () => {
    const trace = traceFrom(['traceparent', `01-${TRACE}-${SPAN}-ff`], ['tracestate', 'a=1'])!
    const [first, second] = [childOf(trace), childOf(trace)]
    expect(first['traceparent']).toMatch(new RegExp(`^00-${TRACE}-[\\da-f]{16}-01$`))
    expect(first['traceparent']).not.toContain(SPAN)
    expect(first['traceparent']).not.toBe(second['traceparent'])
    expect(first['tracestate']).toBe('a=1')
    expect(childOf(traceFrom(['traceparent', `00-${TRACE}-${SPAN}-00`])!)['traceparent']).toMatch(/-00$/)
  })

  it('of a request is kept as user properties, without vendors that are too many', () => {
    expect(traceProperties(` ${PARENT}`, 'a=1')).toEqual([
      ['traceparent', PARENT],
      ['tracestate', 'a=1'],
    ])
    for (const state of [undefined, '', `a=${'x'.repeat(511)}`])
      expect(traceProperties(PARENT, state)).toEqual([['traceparent', PARENT]])
    expect(traceProperties(undefined, 'a=1')).toEqual([])
  })

  it('is not added where one is named', () => {
    expect([namesTrace(['room', 'Traceparent']), namesTrace(['room'])]).toEqual([true, false])
  })
})
