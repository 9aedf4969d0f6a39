// An intake: an address of the hub at which a service that only speaks HTTP delivers, and what becomes of a delivery.

import type { Template } from '../topics/template.ts'
import type { SecretText } from './secret.ts'

/** The services whose ways the hub knows, so that a configuration need not tell them. */
export const INTAKE_SENDERS = [
  'alertmanager',
  'gitea',
  'github',
  'grafana',
  'jenkins',
  'uptime-kuma',
] as const
export type IntakeSender = (typeof INTAKE_SENDERS)[number]

/** HMAC-SHA256 of the body in hexadecimal, in a header, with or without `sha256=` before it. */
export interface IntakeSignature {
  readonly header: string
  readonly secret: SecretText
}

export interface Intake {
  readonly topic: Template
  /** What is the same when a delivery is repeated; `null` where nothing tells that. */
  readonly delivery: Template | null
  /** Without a signature and a token only this machine may deliver. */
  readonly signature: IntakeSignature | null
  /** Stands in `Authorization: Bearer …`, in `X-Gitlab-Token`, or in the parameter `token` of the address. */
  readonly token: SecretText | null
}

/** The intakes of the configuration, by name. */
export type Intakes = Readonly<Record<string, Intake>>
