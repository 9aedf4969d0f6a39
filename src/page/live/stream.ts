// The one stream of the page from the hub.

import { Value } from '../shell/store.ts'

/** `off`: no view asks for anything live. */
export type StreamState = 'off' | 'connecting' | 'open' | 'lost'

export const live = { state: new Value<StreamState>('off') }
