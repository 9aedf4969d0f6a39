// The schema of pings, key by key.

import { z } from 'zod'
import { status } from '../authoring/actions/options.ts'
import { REQUEST_KINDS } from '../authoring/actions/request.ts'
import { count, duration, leaf, pattern } from '../validate/leaf.ts'

export const pingShape = z.strictObject({
  host: leaf(
    "a host name or an address that does not begin with '-'",
    (value) => typeof value === 'string' && /^[^-\s][^\s]*$/.test(value),
  ).optional(),
  tcp: leaf(
    "a host and a port such as 'nas:22'",
    (value) => typeof value === 'string' && isAddress(value),
  ).optional(),
  // Checked with the rest of the request.
  url: z.unknown().optional(),
  ...Object.fromEntries(
    Object.entries(REQUEST_KINDS).map(([key, { expected, test }]) => [key, leaf(expected, test).optional()]),
  ),
  expect: z
    .strictObject({
      status: leaf(status.expected, status.test).optional(),
      body: pattern.optional(),
      certificate: duration.optional(),
    })
    .optional(),
  every: duration.optional(),
  timeout: duration.optional(),
  fails: count().optional(),
  recovers: count().optional(),
})

/** Splits `'nas:22'` and `'[::1]:22'`. */
export function addressOf(tcp: string): { readonly host: string; readonly port: number } | undefined {
  const [, six, plain, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]-][^\s:[\]]*)):(\d{1,5})$/.exec(tcp) ?? []
  const host = six ?? plain
  const parsed = Number(port)
  return host !== undefined && parsed >= 1 && parsed <= 65_535 ? { host, port: parsed } : undefined
}

const isAddress = (value: string): boolean => addressOf(value) !== undefined
