// The schema must accept the payload.

import type { Condition } from './stage.ts'

export const payloadStage: Condition = {
  name: 'payload',
  ask({ payload: { answer } }) {
    return answer.accepted ? { signal: 'level' } : { signal: 'no', reason: answer.reason }
  },
}
