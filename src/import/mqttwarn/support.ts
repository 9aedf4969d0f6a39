// What the imported rules have in common: a file that lies beside them.

export const SUPPORT_FILE = 'rules/lib/mqttwarn.ts'

export const SUPPORT_SOURCE = `// What the rules that were imported from mqttwarn have in common.

import { alert, wait } from 'vigie'

/** A field of a JSON payload as text; '' where there is none. */
export function field(payload: unknown, ...path: readonly string[]): string {
  let at: unknown = payload
  for (const key of path)
    at = at !== null && typeof at === 'object' ? (at as Record<string, unknown>)[key] : undefined
  return at === undefined ? '' : typeof at === 'string' ? at : JSON.stringify(at)
}

/** A text in which {name} stands for a field of the payload. */
export const filled = (text: string, payload: unknown): string =>
  text.replaceAll(/\\{([\\w.-]+)\\}/g, (_whole, name: string) => field(payload, ...name.split('.')))

/** The fields of a payload, with more of them. */
export const merged = (payload: unknown, more: Readonly<Record<string, unknown>>): unknown =>
  payload !== null && typeof payload === 'object' ? { ...payload, ...more } : more

interface Told {
  readonly targets: readonly string[]
  readonly title: string
  readonly body: string
  readonly severity?: 'info' | 'warning' | 'critical'
}

/** As mqttwarn has it, each message is told by itself. It is over after an hour, without a word. */
export function tell(event: { readonly id: number }, { targets, title, body, severity = 'info' }: Told) {
  const alerts = targets.map((target) => ({
    key: \`mqttwarn/\${target.replace(':', '/')}/\${event.id}\`,
    title,
    body,
    severity,
    labels: { mqttwarn: target },
  }))
  return [
    ...alerts.map((each) => alert(each)),
    wait('1h'),
    ...alerts.map((each) => alert({ ...each, resolve: true })),
  ]
}
`
