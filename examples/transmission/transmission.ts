// Moves each download that Transmission has finished into the library, once, and raises an alert.

import { alert, rule, shell } from 'vigie'
import { z } from 'zod'

/** Where finished downloads go. */
const LIBRARY = process.env['LIBRARY'] ?? '/srv/media/incoming'

/**
 * The torrent's name is text that a stranger chose. On disk Transmission makes it portable: one file or
 * folder, without separators or control characters, without spaces at its ends or dots at its end, and
 * never a device name of Windows.
 */
const onDisk = (name: string): string =>
  name
    // oxlint-disable-next-line no-control-regex -- control characters are what is meant
    .replaceAll(/[\u0000-\u001F"*/:<>?\\|]/g, '_')
    .replaceAll(/^ +|[ .]+$/g, '')
    .replace(/^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i, '$1_')

export default rule('torrent-done', {
  on: 'transmission/+host/done',
  payload: z.object({
    hash: z.hex().length(40),
    name: z
      .string()
      .transform(onDisk)
      .refine((name) => name !== '', 'is no name of a file'),
    dir: z.string().startsWith('/'),
  }),
  // Transmission may tell twice of one torrent, and tells again after a plain verification.
  dedupe: { key: ({ payload }) => payload.hash, window: '30d' },
  do: ({ payload, params }) => [
    // A step may run again after a crash: what has been moved already is left alone.
    shell.script('test -e "$TO" || mv -- "$FROM" "$TO"', {
      env: { FROM: `${payload.dir}/${payload.name}`, TO: `${LIBRARY}/${payload.name}` },
      timeout: '1h',
    }),
    alert({
      key: `torrent-${payload.hash}`,
      title: `${payload.name} is here`,
      body: `downloaded by ${params.host}`,
      severity: 'info',
    }),
  ],
  examples: [
    {
      topic: 'transmission/nas/done',
      payload: { hash: '497bf21d4fb8c2abc57a91a19ad5aadfdd11c0e7', name: 'a film', dir: '/srv/downloads' },
      expect: 'fire',
    },
    {
      topic: 'transmission/nas/done',
      payload: { hash: '497bf21d4fb8c2abc57a91a19ad5aadfdd11c0e7', name: '..', dir: '/srv/downloads' },
      expect: 'skip',
    },
  ],
})
