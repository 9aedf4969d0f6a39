// The certificates of a listener, from files that are read again when they change: connections that there are
// go on, new ones get the new certificate. Files that do not fit together change nothing: the last good ones
// stay in use, and the log says why.

import { constants } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  createSecureContext,
  type SecureContextOptions,
  type Server,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls'
import type { Log } from '../../base/log.ts'
import { messageOf } from '../../base/printable.ts'
import { watchFiles } from '../../base/watch-files.ts'
import type { TlsSettings } from './listener.ts'

/** The files of a listener are no good; the message is for the operator. */
export class CertificateError extends Error {
  override name = 'CertificateError'
}

/** @throws CertificateError */
export function tlsOptions(tls: TlsSettings): TlsOptions {
  return {
    ...readFiles(tls),
    requestCert: tls.clientCertificate !== 'none',
    rejectUnauthorized: tls.clientCertificate === 'required',
  }
}

/** Has the server use the files as they are now, whenever they change. The result ends that. */
export function keepSecure(
  server: Pick<Server, 'setSecureContext'>,
  tls: TlsSettings,
  url: string,
  log: Log,
): () => void {
  return watchFiles(filesOf(tls), () => {
    try {
      server.setSecureContext(readFiles(tls))
      log.info(`${url}: the hub read the certificate again from ${tls.cert}.`)
    } catch (error) {
      log.error(`${url}: ${messageOf(error)} The previous certificate stays in use.`)
    }
  })
}

export type Certificate =
  | { readonly kind: 'good'; readonly name: string | undefined }
  | { readonly kind: 'bad'; readonly why: string }

/** The client's certificate. Without one, and with one that names nobody, the name is undefined. */
export function certificateOf(socket: TLSSocket): Certificate {
  // An empty object when the client has sent none, or was not asked.
  const { subject } = socket.getPeerCertificate()
  if ((subject as object | undefined) === undefined) return { kind: 'good', name: undefined }
  if (!socket.authorized) return { kind: 'bad', why: String(socket.authorizationError) }
  // A certificate with several common names names nobody.
  return { kind: 'good', name: typeof subject.CN === 'string' && subject.CN !== '' ? subject.CN : undefined }
}

function readFiles(tls: TlsSettings): SecureContextOptions {
  const options: SecureContextOptions = {
    cert: read('certificate', tls.cert),
    key: read('key', tls.key),
    ...(tls.ca !== undefined && { ca: read('certificate authority', tls.ca) }),
    ...(tls.crl !== undefined && { crl: listsIn(tls.crl) }),
    // A session that is resumed would not show its certificate again, though it may have been revoked
    // meanwhile.
    ...(tls.clientCertificate !== 'none' && { secureOptions: constants.SSL_OP_NO_TICKET }),
  }
  try {
    createSecureContext(options)
  } catch (error) {
    throw new CertificateError(
      `The certificate ${tls.cert} and the key ${tls.key} cannot be used: ${messageOf(error)}.`,
    )
  }
  return options
}

/**
 * One list of every authority between a client and the root is asked for, and Node takes the first of a text:
 * so the file, which may hold several, is taken apart.
 */
function listsIn(file: string): string[] {
  const lists = read('revocation list', file)
    .toString()
    .match(/-----BEGIN X509 CRL-----.*?-----END X509 CRL-----/gs)
  if (lists === null) throw new CertificateError(`The revocation list ${file} holds no list in PEM format.`)
  return lists
}

function read(what: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new CertificateError(`The ${what} ${file} cannot be read: ${messageOf(error)}.`)
  }
}

const filesOf = ({ cert, key, ca, crl }: TlsSettings): string[] =>
  [cert, key, ca, crl].filter((file) => file !== undefined)
