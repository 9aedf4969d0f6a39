// Composes bridges from the configuration. Loaded only where there is one.

import { openBridges } from './bridge/bridges.ts'
import type { Bridges, BridgesPorts, ConfiguredBridge } from './bridge/bridges.ts'
import { type AttachConfig, type BridgeConfig, echoProblem } from './config/bridges.ts'
import type { Config } from './config/config.ts'
import type { SecretRef } from './model/secret.ts'
import { Disclosure, openSecrets } from './secrets/secrets.ts'

/** The name under which the shared subscription of another broker goes. */
const ATTACH = 'attach'

export function bridgesFor(config: Config, ports: BridgesPorts): Bridges {
  const { hubId } = ports.stored
  const disclosure = new Disclosure(openSecrets(process.env, config.secrets ?? null))
  const shared = (name: string, { url, password, clientId, ...rest }: BridgeConfig | AttachConfig) => ({
    ...rest,
    name,
    addresses: typeof url === 'string' ? [url] : url,
    clientId: clientId ?? `vigie-${hubId.slice(0, 8)}-${name}`,
    password: password && readerOf(password, disclosure),
  })
  const bridges = Object.entries(config.bridges).map(([name, settings]): ConfiguredBridge => ({
    ...settings,
    ...shared(name, settings),
    echoProblem: echoProblem(settings.topics),
  }))
  const { attach } = config
  if (attach !== undefined)
    bridges.push({
      ...shared(ATTACH, attach),
      topics: attach.filters.map((filter) => ({
        filter,
        direction: 'in' as const,
        from: '',
        to: '',
        qos: attach.qos,
      })),
      group: attach.group,
      clean: false,
      retain: true,
      broker: 'mqtt',
      echoProblem: undefined,
    })
  return openBridges(bridges, ports)
}

const readerOf = (password: SecretRef, disclosure: Disclosure) => (): string => disclosure.resolve(password)
