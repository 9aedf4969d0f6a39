// The client's side of SCRAM-SHA-256, written for tests from RFC 5802 alone.

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

const hmac = (key: Uint8Array, text: string) => createHmac('sha256', key).update(text).digest()

export class ScramClient {
  readonly #nonce = randomBytes(12).toString('base64')
  readonly #user: string
  readonly #password: string
  #expected = ''

  constructor(user: string, password: string) {
    this.#user = user
    this.#password = password
  }

  first(): Buffer {
    return Buffer.from(`n,,${this.#bare()}`)
  }

  final(challenge: Uint8Array): Buffer {
    const text = Buffer.from(challenge).toString()
    const [, nonce = '', salt = '', iterations = ''] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(text) ?? []
    if (!nonce.startsWith(this.#nonce)) throw new Error(`The server answers another client: ${text}`)
    const salted = pbkdf2Sync(this.#password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256')
    const clientKey = hmac(salted, 'Client Key')
    const signed = `${this.#bare()},${text},c=biws,r=${nonce}`
    const signature = hmac(createHash('sha256').update(clientKey).digest(), signed)
    this.#expected = `v=${hmac(hmac(salted, 'Server Key'), signed).toString('base64')}`
    const proof = Buffer.from(clientKey.map((byte, index) => byte ^ signature[index]!))
    return Buffer.from(`c=biws,r=${nonce},p=${proof.toString('base64')}`)
  }

  /** Whether the server has shown that it knows the client. */
  accepts(word: Uint8Array): boolean {
    return Buffer.from(word).toString() === this.#expected
  }

  #bare(): string {
    return `n=${this.#user},r=${this.#nonce}`
  }
}
