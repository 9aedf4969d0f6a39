// Files that a build has left in dist, sent to browsers: the page of the hub, and its documentation.

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Context } from 'hono'
import { PACKAGE } from '../base/package.ts'

/** Where a build leaves what is called `name`: `dist/<name>`, from a checkout and from the package. */
export const builtFolder = (name: string): string => fileURLToPath(new URL(`dist/${name}/`, PACKAGE))

/** Everything comes from the hub itself, and no script or style stands in the HTML. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
}

export const typeOf = (name: string): string =>
  TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream'

/** `null` when there is no such file. */
export async function contentOf(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null
    throw error
  }
}

/** Sets the tag of the content, and tells whether the browser has that content already. */
export function isKnown(context: Context, content: Buffer): boolean {
  const etag = `W/"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`
  context.header('ETag', etag)
  return context.req.header('if-none-match')?.includes(etag) === true
}

const compressed = promisify(gzip)
const inflated = promisify(gunzip)

/**
 * Answers with a content, compressed for who can read that.
 * @param isCompressed whether the content is so already, by gzip
 */
export async function send(
  context: Context,
  content: Buffer,
  type: string,
  isCompressed = false,
): Promise<Response> {
  context.header('Content-Type', type)
  context.header('X-Content-Type-Options', 'nosniff')
  context.header('Vary', 'Accept-Encoding')
  if (context.req.header('accept-encoding')?.includes('gzip') !== true)
    return context.body(bytesOf(isCompressed ? await inflated(content) : content))
  context.header('Content-Encoding', 'gzip')
  return context.body(bytesOf(isCompressed ? content : await compressed(content)))
}

const bytesOf = (content: Buffer): Uint8Array<ArrayBuffer> => new Uint8Array(content)
