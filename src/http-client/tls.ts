// The files of a request's TLS settings, read when the request is made: a renewed certificate is taken
// without a restart.

import { readFileSync } from 'node:fs'
import type { TlsFiles } from '../model/request.ts'
import type { HttpTls } from './exchange.ts'
import { Unsendable } from './unsendable.ts'

/** @throws Unsendable when a file cannot be read or holds no certificate */
export function readTls({ caFile, certFile, keyFile, verify }: TlsFiles): HttpTls {
  return {
    ...(caFile !== undefined && { ca: authoritiesIn(caFile) }),
    ...(certFile !== undefined && { cert: read('certFile', certFile) }),
    ...(keyFile !== undefined && { key: read('keyFile', keyFile) }),
    ...(verify !== undefined && { verify }),
  }
}

/** OpenSSL takes any file, and trusts nobody then. */
function authoritiesIn(caFile: string): string {
  const text = read('caFile', caFile)
  if (/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(text)) return text
  throw new Unsendable(`there is no certificate in tls.caFile ${caFile}; it is to be PEM`)
}

function read(key: keyof TlsFiles, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code = 'an unknown error' } = error as NodeJS.ErrnoException
    throw new Unsendable(`tls.${key} ${file} cannot be read (${code})`, { cause: error })
  }
}
