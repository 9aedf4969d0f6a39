// The parts of optional packages that channels use; these packages bring no types.

declare module '@xmpp/client' {
  import type { EventEmitter } from 'node:events'

  export interface Element {
    readonly attrs: Readonly<Record<string, string>>
    is(name: string): boolean
    getChild(name: string): Element | undefined
    getChildText(name: string): string | null
    getChildElements(): readonly { readonly name: string }[]
  }
  /** @param mechanism of those that the server offers; without one the login fails */
  export type Authenticate = (
    credentials: { readonly username: string; readonly password: string },
    mechanism: string | undefined,
  ) => Promise<void>
  export interface XmppClient extends EventEmitter {
    readonly reconnect: { stop(): void }
    readonly iqCaller: { request(stanza: Element, timeoutMs?: number): Promise<Element> }
    readonly socket: { destroy(): void } | null
    connect(service: string): Promise<unknown>
    open(options: { readonly domain: string }): Promise<unknown>
    /** Not for the hub: a promise that it makes may reject with nobody to handle that. */
    start(): Promise<unknown>
    isSecure(): boolean
    send(stanza: Element): Promise<void>
    stop(): Promise<unknown>
  }
  export function client(options: {
    readonly service: string
    readonly domain: string
    readonly credentials: (authenticate: Authenticate, mechanisms: readonly string[]) => Promise<void>
  }): XmppClient
  export function xml(
    name: string,
    attributes?: Readonly<Record<string, string>>,
    ...children: readonly (string | Element | undefined)[]
  ): Element
}

declare module 'irc-framework' {
  import type { EventEmitter } from 'node:events'

  export class Client extends EventEmitter {
    readonly user: { readonly nick: string }
    connect(options: {
      readonly host: string
      readonly port: number
      readonly tls: boolean
      readonly rejectUnauthorized: boolean
      readonly nick: string
      readonly username: string
      readonly gecos: string
      readonly auto_reconnect: boolean
      readonly sasl_disconnect_on_fail: boolean
      readonly message_max_length: number
      readonly account?: { readonly account: string; readonly password: string }
    }): void
    join(channel: string): void
    say(target: string, message: string): void
    ping(token: string): void
    changeNick(nick: string): void
    quit(message: string): void
  }
}
