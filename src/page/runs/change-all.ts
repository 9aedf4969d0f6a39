// Retries or discards many dead runs by one request.

import type { RunChange } from '../../model/run.ts'
import { postJson } from '../api/client.ts'

const DONE: Readonly<Record<RunChange, string>> = {
  retry: 'tried again',
  cancel: 'cancelled',
  discard: 'discarded',
}

interface Changed {
  readonly changed: number
  readonly refused: readonly { readonly id: number; readonly reason: string }[]
}

/** Resolves with a sentence that says what came of it, and why some could not be changed. */
export async function changeAll(ids: readonly number[], change: RunChange): Promise<string> {
  const { changed, refused } = await postJson<Changed>('/api/runs/change', { change, ids })
  const runs = changed === 1 ? '1 run is' : `${changed.toLocaleString('en')} runs are`
  const said = `${runs} ${DONE[change]}.`
  const [first] = refused
  if (first === undefined) return said
  return `${said} ${refused.length.toLocaleString('en')} could not be: ${first.reason}`
}
