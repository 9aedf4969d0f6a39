import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callsTo, serveCalls } from '../../src/base/calls.ts'
import { FramedPort } from '../../src/base/framed-port.ts'

/** Two ports, each sending straight into the other. */
function pair(): readonly [FramedPort, FramedPort] {
  const one: FramedPort = new FramedPort((bytes) => other.take(bytes))
  const other: FramedPort = new FramedPort((bytes) => one.take(bytes))
  return [one, other]
}

async function bytesOf(messages: readonly unknown[]): Promise<readonly Buffer[]> {
  const sent: Buffer[] = []
  const port = new FramedPort((bytes) => sent.push(bytes))
  for (const message of messages) port.postMessage(message)
  await new Promise((resolve) => setImmediate(resolve))
  return sent
}

function receiver() {
  const received: unknown[] = []
  const port = new FramedPort(() => {})
  port.on('message', (message) => received.push(message))
  return { port, received }
}

describe('a framed port', () => {
  it('sends what one turn of the loop posts as one piece', async () => {
    expect(await bytesOf([1, 'two', { three: 3 }])).toHaveLength(1)
  })

  it('gives the same messages in their order, wherever the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.anything({ withDate: true, withTypedArray: true, withMap: true, withBigInt: true })),
        fc.array(fc.nat(200)),
        async (messages, cuts) => {
          const bytes = Buffer.concat(await bytesOf(messages))
          const { port, received } = receiver()
          let at = 0
          for (const length of cuts) port.take(bytes.subarray(at, (at += length)))
          port.take(bytes.subarray(at))
          expect(received).toEqual(messages)
        },
      ),
    )
  })

  it('gives nothing of a message that ends too early', async () => {
    const [bytes] = await bytesOf(['whole', 'cut short'])
    const { port, received } = receiver()
    port.take(bytes!.subarray(0, -1))
    expect(received).toEqual(['whole'])
  })

  it('throws where the other side speaks no messages', () => {
    const { port } = receiver()
    expect(() => port.take(Buffer.from('GET /index.html HTTP/1.1'))).toThrow('no message')
  })

  it('throws, and gives nothing that was not posted, wherever foreign bytes get between its own', async () => {
    const bytes = Buffer.concat(await bytesOf(['one', { two: 'x'.repeat(40) }, [3]]))
    const foreign = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.constant(bytes))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), foreign, (at, between) => {
        const { port, received } = receiver()
        const whole = [[], ['one'], ['one', { two: 'x'.repeat(40) }], ['one', { two: 'x'.repeat(40) }, [3]]]
        const take = (): void => {
          for (const part of [bytes.subarray(0, at), between, bytes.subarray(at)]) port.take(part)
          // Whatever is still missing comes with the next message at the latest.
          port.take(Buffer.alloc(2 ** 16))
        }
        expect(take).toThrow(RangeError)
        expect(whole).toContainEqual(between === bytes ? [] : received)
      }),
    )
  })

  it('throws what cannot be cloned at who posts it, and sends the rest', async () => {
    const sent: Buffer[] = []
    const port = new FramedPort((bytes) => sent.push(bytes))
    expect(() => port.postMessage(() => {})).toThrow('could not be cloned')
    port.postMessage('after')
    await new Promise((resolve) => setImmediate(resolve))
    const { port: other, received } = receiver()
    other.take(sent[0]!)
    expect(received).toEqual(['after'])
  })

  it('carries calls, bytes and errors', async () => {
    const [one, other] = pair()
    serveCalls(one, {
      echo: (bytes: Uint8Array) => bytes,
      fail: () => {
        throw new RangeError('too much')
      },
      nothing: () => {},
    })
    const { remote } = callsTo<{
      echo(bytes: Uint8Array): Uint8Array
      fail(): void
      nothing(): void
    }>(other)
    expect([...(await remote.echo(Uint8Array.of(1, 2, 3)))]).toEqual([1, 2, 3])
    const error = await remote.fail().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RangeError)
    expect(error).toMatchObject({ message: 'too much', stack: expect.stringContaining('framed-port.test') })
    expect(await remote.nothing()).toBeUndefined()
  })
})
