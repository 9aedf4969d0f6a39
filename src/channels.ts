// The channels over which alerts can be told: a configuration file imports them from 'vigie/channels'.

export type { ChannelSpec } from './model/channel.ts'
export { ntfy } from './channels/ntfy.ts'
