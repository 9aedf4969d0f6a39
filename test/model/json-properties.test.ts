import { expect, it } from 'vitest'
import { jsonPropertyBytes } from '../../src/model/json-properties.ts'
import { encodePropertyBytes } from '../../src/mqtt/properties.ts'

it('encodes correlation data from base64 to the bytes that they are', () => {
  const correlationData = Buffer.from([0, 255, 7])
  const json = { contentType: 'text/plain', correlationData: correlationData.toString('base64') }
  expect(jsonPropertyBytes(json)).toEqual(encodePropertyBytes({ contentType: 'text/plain', correlationData }))
  expect(jsonPropertyBytes({ messageExpiryInterval: 5 })).toEqual(
    encodePropertyBytes({ messageExpiryInterval: 5 }),
  )
  expect(() => jsonPropertyBytes({ correlationData: 7 })).toThrow('correlationData is to be a text of base64')
})
