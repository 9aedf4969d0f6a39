// The page behind a link in a notification: HTML of its own, without a script and without anything from
// elsewhere, light or dark as the device is.

import { html } from 'hono/html'
import { localSecond } from '../../base/local-time.ts'
import type { Alert } from '../../model/alert.ts'

export interface AlertPage {
  readonly alert?: Alert
  /** The alerts of a group, each in a few words; none by default. */
  readonly alerts?: readonly Alert[]
  /** A sentence above the rest. */
  readonly says?: string | null
  /** The label of a button that posts to the address of the page; none by default. */
  readonly button?: string | null
}

/** What a browser may do with the page: show it, and post its form. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const STYLE = `
  :root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif }
  body { max-width: 34rem; margin: 12vh auto 0; padding: 0 1rem; overflow-wrap: anywhere }
  h1 { font-size: 1.4rem; margin: 0 0 .5rem }
  pre { white-space: pre-wrap; font: inherit }
  small { opacity: .7 }
  button { font: inherit; padding: .7rem 1.4rem; border: 0; border-radius: .5rem; background: #1565c0; color: #fff }
  ul { padding-left: 1.2rem }
  li { margin: .6rem 0 }
  .says { font-weight: 600 }`

export async function alertPage(content: AlertPage): Promise<string> {
  const { alert, alerts = [], says = null, button = null } = content
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${alert?.title ?? 'vigie'}</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        ${says === null ? '' : html`<p class="says" role="status">${says}</p>`}
        ${alert === undefined ? '' : alertPart(alert)}
        ${
          alerts.length === 0
            ? ''
            : html`<ul>
                ${alerts.map(alertLine)}
              </ul>`
        }
        ${button === null ? '' : html`<form method="post"><button>${button}</button></form>`}
      </body>
    </html>`
}

function alertPart({ key, state, severity, title, body, sinceAt, acknowledgedBy, silencedBy }: Alert) {
  const who = acknowledgedBy === null ? silencedBy : `by ${acknowledgedBy}`
  return html`<h1>${title}</h1>
    <p>
      <strong>${state}</strong>, ${severity}, since ${localSecond(sinceAt)}${who === null ? '' : ` (${who})`}
    </p>
    ${body === '' ? '' : html`<pre>${body}</pre>`}
    <p><small>${key}</small></p>`
}

const alertLine = ({ key, state, severity, title, sinceAt }: Alert) =>
  html`<li>
    ${title}<br /><small><strong>${state}</strong>, ${severity}, since ${localSecond(sinceAt)}, ${key}</small>
  </li>`
