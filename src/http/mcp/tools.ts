// The tools of the MCP endpoint: each is one question to the HTTP API, and changes nothing.

import { z } from 'zod'

/** What a tool was given, as its schema lets it through. */
export type Given = Readonly<Record<string, string | number | undefined>>

interface Tool {
  readonly name: string
  readonly title: string
  readonly about: string
  readonly takes: Readonly<Record<string, z.ZodType>>
  /** The path of the API, with its query. */
  readonly path: (given: Given) => string
}

const MOMENT = 'an age such as 90m or 7d, or a time such as 2026-11-22T14:00'
const since = z.string().optional().describe(`Only from this moment on: ${MOMENT}.`)
const until = z.string().optional().describe(`Only up to this moment: ${MOMENT}.`)
const limit = z.int().min(1).max(200).default(50).describe('At most this many, the newest.')
const rule = z.string().describe('The name of a rule.')

export const TOOLS: readonly Tool[] = [
  {
    name: 'status',
    title: 'Status of the hub',
    about: 'Says how the hub is: health, clients, rules, paused rules, pings, runs, size of the history.',
    takes: {},
    path: () => '/api/status',
  },
  {
    name: 'history',
    title: 'Recorded messages',
    about: 'Lists recorded MQTT messages (events), the newest first, each with its number.',
    takes: {
      filter: z.string().optional().describe('An MQTT topic filter, such as sensors/+/temperature.'),
      contains: z.string().optional().describe('Only payloads that hold this text.'),
      client: z.string().optional().describe('Only what this client published.'),
      since,
      until,
      limit,
    },
    path: (given) => `/api/events${queryOf(given)}`,
  },
  {
    name: 'why',
    title: 'Why something happened, or did not',
    about:
      'Tells what led to an event or a run and what followed from it, as a tree: which rules fired, which did not ' +
      'and which condition said no, what was done and how it ended.',
    takes: {
      kind: z.enum(['event', 'run']).default('event'),
      id: z.int().positive().describe('The number of the event or run.'),
    },
    path: ({ kind, id }) => `/api/${kind === 'run' ? 'runs' : 'events'}/${id}/why`,
  },
  {
    name: 'explain',
    title: 'What rules would make of a message',
    about: 'Tells for every rule whether a message would fire it, and if not, which condition says no.',
    takes: { topic: z.string(), payload: z.string().default('') },
    path: (given) => `/api/explain${queryOf(given)}`,
  },
  {
    name: 'backtest',
    title: 'What a rule would have done',
    about: 'Tries a rule as it is saved now on recorded messages: what it would have done, and what it did.',
    takes: { rule, since, until },
    path: ({ rule: name, ...given }) =>
      `/api/rules/${encodeURIComponent(name ?? '')}/backtest${queryOf(given)}`,
  },
  {
    name: 'runs',
    title: 'What rules did',
    about: 'Lists runs (firings of rules), the newest first; with `id`, one run with its steps and attempts.',
    takes: {
      id: z
        .int()
        .positive()
        .optional()
        .describe('The number of one run; the other conditions do not count then.'),
      rule: rule.optional(),
      state: z.string().optional().describe('planned, running, done, dead, cancelled or dry.'),
      since,
      until,
      limit,
    },
    path: ({ id, ...given }) => (id === undefined ? `/api/runs${queryOf(given)}` : `/api/runs/${id}`),
  },
]

function queryOf(given: Given): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(given)) if (value !== undefined) query.set(name, `${value}`)
  return query.size === 0 ? '' : `?${query.toString()}`
}
