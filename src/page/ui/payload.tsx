// What was sent, as a person reads it: JSON with a line for each part, text as it is, bytes in base64.

export interface PayloadProps {
  readonly payload: unknown
  readonly encoding: 'json' | 'text' | 'base64'
  readonly label?: string
}

export const Payload = ({ payload, encoding, label = 'Payload' }: PayloadProps) => {
  const text = payloadLines(payload, encoding)
  if (text === '') return <p class="soft">It is empty.</p>
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by the keyboard
    <pre class="payload" tabIndex={0} role="region" aria-label={label}>
      {text}
    </pre>
  )
}

const payloadLines = (payload: unknown, encoding: PayloadProps['encoding']): string =>
  encoding === 'json' ? JSON.stringify(payload, null, 2) : String(payload)
