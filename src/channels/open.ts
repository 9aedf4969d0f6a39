// The alert channels of a hub, by name, ready to be told.

import type { Channels } from '../actions/context.ts'
import type { AlertChannel } from '../model/alert-channel.ts'
import type { ChannelKind, Tell } from './channel.ts'
import { tellByWebhook } from './webhook.ts'

const TELL: { readonly [Kind in ChannelKind]: Tell<Kind> } = {
  webhook: tellByWebhook,
}

export const openChannels = (channels: readonly AlertChannel[]): Channels =>
  new Map(
    channels.map((channel) => [
      channel.name,
      (report, attempt) => TELL[channel.kind](channel, report, attempt),
    ]),
  )
