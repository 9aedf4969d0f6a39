import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { fromTaggedJson, toTaggedJson } from '../../src/model/tagged-json.ts'

const bytes = fc.uint8Array({ maxLength: 5 }).map((each) => Buffer.from(each))
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 0, 1.5, '', '$base64'),
    bytes,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', '$', '$a', '$$a', '$base64', '$$base64'), tie('tree'), {
      noNullPrototype: true,
    }),
  ),
}))

it('comes back as it was, whatever its members are called', () => {
  fc.assert(
    fc.property(tree, (value) => {
      expect(fromTaggedJson(toTaggedJson(value))).toEqual(value)
    }),
  )
})

it('is JSON, with bytes in base64', () => {
  expect(toTaggedJson({ payload: Buffer.from('hi'), $x: undefined, $y: 1 })).toBe(
    '{"payload":{"$base64":"aGk="},"$$y":1}',
  )
})
