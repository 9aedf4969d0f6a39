// One listener of the kind that the settings say.

import { type ListenContext, type Listener, type ListenSettings } from './listener.ts'
import { listenOnTcp } from './tcp.ts'
import { listenOnTls } from './tls.ts'
import { listenOnUnix } from './unix.ts'
import { listenOnWebSocket } from './web-socket.ts'

/**
 * Rejects with the system's error when the address is not to be had, and with a CertificateError when its
 * files are no good.
 */
export function listen(context: ListenContext, settings: ListenSettings): Promise<Listener> {
  switch (settings.kind) {
    case 'tcp':
      return settings.tls === undefined
        ? listenOnTcp(context, settings)
        : listenOnTls(context, settings, settings.tls)
    case 'websocket':
      return listenOnWebSocket(context, settings)
    case 'unix':
      return listenOnUnix(context, settings)
  }
  return settings satisfies never
}
