// The type of alert channels: a channel is a function that tells people one report. Each kind has a file in
// this folder, its settings in `model/alert-channel.ts`, and its line in `open.ts`.

import type { Attempt } from '../actions/context.ts'
import type { AlertChannel } from '../model/alert-channel.ts'
import type { Json } from '../model/json.ts'
import type { Outcome } from '../model/outcome.ts'

export type ChannelKind = AlertChannel['kind']
export type ChannelOf<Kind extends ChannelKind> = Extract<AlertChannel, { readonly kind: Kind }>

/**
 * Tells a report once. `retry` is for what may pass (no connection, an overloaded server), `give-up` for what
 * will not; a step of the hub's own rule tries again for as long as the channel's `retry` says.
 */
export type Tell<Kind extends ChannelKind> = (
  channel: ChannelOf<Kind>,
  report: Json,
  attempt: Attempt,
) => Promise<Outcome>
