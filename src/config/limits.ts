// The bounds of the broker as people set them. What is not set keeps the broker's own default; docs/limits.md
// lists them.

import { z } from 'zod'
import { count, duration, size } from './quantities.ts'

const MOST_UNDER_WAY = 65_535

/** Read as the broker's names and units: `connectTimeout: '5s'` becomes `connectTimeoutMs: 5000`. */
export const limitsSchema = z
  .strictObject({
    connections: count(),
    connectsPerSecond: count(0),
    connectTimeout: duration(),
    packetSize: size(),
    controlSize: size(),
    topicSize: size(),
    topicLevels: count(),
    sessions: count(0),
    subscriptionsPerSession: count(),
    inflight: count().max(MOST_UNDER_WAY),
    receiveMaximum: count().max(MOST_UNDER_WAY),
    keepAlive: duration(),
    topicAliases: count(0).max(MOST_UNDER_WAY),
    queueMessages: count(0),
    queueSize: size(),
    retainedMessages: count(0),
    retainedSize: size(),
    outputSize: size(),
  })
  .partial()
  .transform(
    ({
      connectTimeout,
      packetSize,
      controlSize,
      topicSize,
      keepAlive,
      queueSize,
      retainedSize,
      outputSize,
      ...counts
    }) =>
      given({
        ...counts,
        connectTimeoutMs: connectTimeout,
        packetBytes: packetSize,
        controlBytes: controlSize,
        topicBytes: topicSize,
        keepAliveSeconds: keepAlive === undefined ? undefined : Math.ceil(keepAlive / 1_000),
        queueBytes: queueSize,
        retainedBytes: retainedSize,
        outputBytes: outputSize,
      }),
  )

const given = <T extends object>(settings: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>
  }
