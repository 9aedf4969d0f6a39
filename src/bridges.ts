// Composes bridges from the configuration. Loaded only where there is one.

import { openBridges } from './bridge/bridges.ts'
import type { Bridges, BridgesPorts, ConfiguredBridge } from './bridge/bridges.ts'
import { type AnyBridgeConfig, type AttachConfig, echoProblem } from './config/bridges.ts'
import type { Config } from './config/config.ts'
import { Disclosure, openSecrets } from './secrets/secrets.ts'

/** The name under which the shared subscription of another broker goes. */
const ATTACH = 'attach'

export function bridgesFor(config: Config, ports: BridgesPorts): Bridges {
  const { hubId } = ports.stored
  const disclosure = new Disclosure(openSecrets(process.env, config.secrets ?? null))
  /** What a connection to any other broker needs. */
  const connection = (name: string, { url, password }: Pick<AnyBridgeConfig, 'url' | 'password'>) => ({
    name,
    addresses: typeof url === 'string' ? [url] : url,
    password: password && (() => disclosure.resolve(password)),
  })
  const clientId = (name: string): string => `vigie-${hubId.slice(0, 8)}-${name}`
  const bridges = Object.entries(config.bridges).map(([name, settings]): ConfiguredBridge => {
    const shared = connection(name, settings)
    return settings.type === 'amqp'
      ? { ...settings, ...shared, clientId: clientId(name) }
      : {
          ...settings,
          ...shared,
          type: 'mqtt',
          clientId: settings.clientId ?? clientId(name),
          echoProblem: echoProblem(settings.topics),
        }
  })
  const { attach } = config
  if (attach !== undefined)
    bridges.push({
      ...attached(attach),
      ...connection(ATTACH, attach),
      clientId: attach.clientId ?? clientId(ATTACH),
    })
  return openBridges(bridges, ports)
}

const attached = ({ filters, qos, group, ...rest }: AttachConfig) => ({
  ...rest,
  type: 'mqtt' as const,
  topics: filters.map((filter) => ({ filter, direction: 'in' as const, from: '', to: '', qos })),
  group,
  clean: false,
  retain: true,
  broker: 'mqtt' as const,
  echoProblem: undefined,
})
