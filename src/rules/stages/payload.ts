// `payload`: passes when the schema accepts the payload.

import type { Condition } from './stage.ts'

export const payloadStage: Condition = {
  name: 'payload',
  ask({ payload: { answer } }) {
    return answer.accepted ? { signal: 'level' } : { signal: 'no', reason: answer.reason }
  },
}
