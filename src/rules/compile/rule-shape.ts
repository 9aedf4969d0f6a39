// The schema of rules, key by key.

import { z } from 'zod'
import { ORIGINS } from '../../model/event.ts'
import { isLatitudeLongitude } from '../authoring/place.ts'
import { GAP_POLICIES, MODES } from '../authoring/rule.ts'
import { isSchema } from '../validate/schema.ts'
import { isTrigger } from '../authoring/triggers/trigger.ts'
import { count, duration, flag, fn, leaf, number, oneOf, pair, text, unknownKey } from '../validate/leaf.ts'

/**
 * The most events in a window. Its memory is written with every event, so a limit in the thousands would cost
 * more than it tells.
 */
const MOST_IN_WINDOW = 10_000

const trigger = leaf(
  'a topic filter or a trigger such as will(…)',
  (value) => typeof value === 'string' || isTrigger(value),
)

const example = z.strictObject({
  topic: text,
  payload: z.unknown().optional(),
  expect: oneOf(['fire', 'skip']),
  times: count(MOST_IN_WINDOW).optional(),
  at: leaf(
    "a moment such as '2026-06-01T23:30'",
    (value) => !Number.isNaN(Date.parse(String(value))),
  ).optional(),
  origin: oneOf(ORIGINS).optional(),
  last: z.record(z.string(), z.unknown()).optional(),
})

export const ruleShape = z.strictObject({
  on: z.union([trigger, z.array(trigger).min(1)], {
    error: 'expected a topic filter, a trigger such as will(…), or an array of them',
  }),
  payload: leaf('a schema, such as z.object({ … })', isSchema).optional(),
  key: fn.optional(),
  when: fn.optional(),
  refuses: fn.optional(),
  once: fn.optional(),
  changed: leaf(
    'true or a function that picks the value',
    (value) => value === true || typeof value === 'function',
  ).optional(),
  between: orArray(
    z.strictObject({
      from: text,
      to: text,
      days: text.optional(),
      timezone: text.optional(),
      place: leaf('[latitude, longitude]', isLatitudeLongitude).optional(),
    }),
    pair("two moments such as ['22:00', '07:00'] or ['sunset', 'sunrise']", text, text),
  ).optional(),
  above: number.optional(),
  below: number.optional(),
  until: number.optional(),
  value: fn.optional(),
  for: duration.optional(),
  dedupe: z
    .strictObject(
      { key: fn, window: duration },
      { error: "expected { key: ({ payload }) => …, window: '1h' }" },
    )
    .optional(),
  debounce: orObject(duration, z.strictObject({ quiet: duration, longest: duration })).optional(),
  throttle: orObject(duration, z.strictObject({ window: duration, queue: count(MOST_IN_WINDOW) })).optional(),
  rateLimit: windowed('[10, "1h"]').optional(),
  count: windowed('[3, "10m"]').optional(),
  ttl: duration.optional(),
  together: z
    .strictObject(
      { window: duration, atLeast: count(MOST_IN_WINDOW).optional() },
      { error: "expected { window: '10s', atLeast: 5 }" },
    )
    .optional(),
  mode: orArray(
    oneOf(MODES),
    pair("a mode, or one with a limit such as ['queued', 10]", oneOf(['parallel', 'queued']), count()),
  ).optional(),
  onGap: oneOf(GAP_POLICIES).optional(),
  retained: oneOf(['fire', 'skip']).optional(),
  enabled: flag.optional(),
  dryRun: flag.optional(),
  examples: z.array(example).optional(),
  do: fn,
})

function windowed(sample: string) {
  return pair(
    `a number and a window such as ${sample}, at most ${MOST_IN_WINDOW}`,
    count(MOST_IN_WINDOW),
    duration,
  )
}

/** One or the other by what it is, so that what is wrong is told of the one that was meant. */
function orObject<A, B>(plain: z.ZodType<A>, object: z.ZodType<B>) {
  return z
    .unknown()
    .transform((value, context): unknown => relay(isPlain(value) ? object : plain, value, context))
}
function orArray<A, B>(plain: z.ZodType<A>, array: z.ZodType<B>) {
  return z
    .unknown()
    .transform((value, context): unknown => relay(Array.isArray(value) ? array : plain, value, context))
}

function relay(schema: z.ZodType, value: unknown, context: z.RefinementCtx): unknown {
  const parsed = schema.safeParse(value)
  for (const issue of parsed.error?.issues ?? []) {
    if (issue.code !== 'unrecognized_keys' || !(schema instanceof z.ZodObject)) context.addIssue({ ...issue })
    else
      for (const key of issue.keys)
        context.addIssue({ code: 'custom', message: unknownKey(key, Object.keys(schema.shape)) })
  }
  return value
}

const isPlain = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
