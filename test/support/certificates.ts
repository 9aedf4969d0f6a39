// Certificates for one test, made by openssl: an authority of its own, and whatever it signs.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'

export interface KeyPair {
  readonly cert: string
  readonly key: string
}

export class Authority {
  readonly folder: string
  readonly cert: string
  readonly #key: string
  #serial = 1

  constructor(folder: string, name = 'authority', issuer?: Authority) {
    this.folder = folder
    this.cert = join(folder, `${name}.crt`)
    this.#key = join(folder, `${name}.key`)
    const made = ['-keyout', this.#key, '-out', this.cert, '-days', '2', '-subj', `/CN=${name}`]
    openssl('req', '-x509', ...EC, ...made, ...(issuer === undefined ? [] : issuer.#signer))
  }

  get #signer(): string[] {
    return ['-CA', this.cert, '-CAkey', this.#key]
  }

  /** Signs a certificate for a name; one for 127.0.0.1 too, so that it serves on both ends. */
  sign(commonName: string, as = commonName): KeyPair {
    const pair = { cert: join(this.folder, `${as}.crt`), key: join(this.folder, `${as}.key`) }
    const request = join(this.folder, `${as}.csr`)
    const names = join(this.folder, `${as}.ext`)
    writeFileSync(names, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
    openssl('req', ...EC, '-keyout', pair.key, '-out', request, '-subj', `/CN=${commonName}`)
    const signer = ['-CA', this.cert, '-CAkey', this.#key, '-set_serial', String(this.#serial++)]
    openssl('x509', '-req', '-in', request, ...signer, '-days', '2', '-extfile', names, '-out', pair.cert)
    return pair
  }

  /** A list that revokes these, at a path of its own. */
  revoke(...pairs: readonly KeyPair[]): string {
    const database = join(this.folder, 'index.txt')
    const config = join(this.folder, 'ca.cnf')
    const list = join(this.folder, 'revoked.crl')
    writeFileSync(database, '')
    const section = `[ca]\ndefault_ca=a\n[a]\ndatabase=${database}\ndefault_md=sha256\ndefault_crl_days=2\n`
    writeFileSync(config, section)
    const signer = ['-config', config, '-keyfile', this.#key, '-cert', this.cert]
    for (const { cert } of pairs) openssl('ca', ...signer, '-revoke', cert)
    openssl('ca', ...signer, '-gencrl', '-out', list)
    return list
  }
}

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' })
}
