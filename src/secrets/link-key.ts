// The key with which the hub signs links. The engine signs and the HTTP server checks, each in a process of
// its own; links outlive a restart.

import { randomBytes } from 'node:crypto'
import { openKeyFile } from './key-file.ts'

const BYTES = 32

/** @throws OperatorError when the file holds no key */
export const openLinkKey = (dataDir: string): Buffer =>
  openKeyFile(dataDir, {
    name: 'link.key',
    bytes: BYTES,
    make: () => randomBytes(BYTES),
    loses: 'the links of earlier notifications end',
  })
