// Bodies of requests, read up to a bound.

import { HTTPException } from 'hono/http-exception'

/** @throws HTTPException 413 as soon as the body is larger than it may be */
export async function boundedBytes(body: ReadableStream<Uint8Array> | null, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  if (body !== null)
    for await (const chunk of body) {
      size += chunk.length
      if (size > most) throw new HTTPException(413, { message: `The body may have at most ${most} bytes.` })
      chunks.push(chunk)
    }
  return Buffer.concat(chunks)
}
