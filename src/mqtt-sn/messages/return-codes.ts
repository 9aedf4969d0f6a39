// What an answer says (5.3.10).

export const ReturnCode = { accepted: 0, congestion: 1, invalidTopicId: 2, notSupported: 3 } as const
export type ReturnCode = (typeof ReturnCode)[keyof typeof ReturnCode]
