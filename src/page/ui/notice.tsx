// A sentence that stands out, with its kind in shape and words as well as in colour.

import type { ComponentChildren } from 'preact'
import { Icon, type IconName } from './icon.tsx'

export type Kind = 'ok' | 'warn' | 'bad'

const ICONS: Record<Kind, IconName> = { ok: 'check', warn: 'warn', bad: 'bad' }

interface NoticeProps {
  readonly kind: Kind
  readonly title: string
  readonly children?: ComponentChildren
}

export const Notice = ({ kind, title, children }: NoticeProps) => (
  <section class="notice" data-kind={kind}>
    <Icon name={ICONS[kind]} size={20} />
    <div>
      <h2>{title}</h2>
      {children !== undefined && <div class="said">{children}</div>}
    </div>
  </section>
)
