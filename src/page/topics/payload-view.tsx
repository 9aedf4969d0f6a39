// A payload in a form that can be read, with what has changed since the one before.

import { useEffect, useState } from 'preact/hooks'
import type { SentPayload } from '../../http/live/views.ts'
import { diffLines } from './diff.ts'
import { bytesOf, decode, type Form, hexDump, pretty, prettyJson } from './payload.ts'

interface PayloadViewProps {
  readonly payload: SentPayload
  /** The payload before it; `null`: there is none, or it is not to be compared. */
  readonly before: SentPayload | null
  readonly form: Form
}

export function PayloadView({ payload, before, form }: PayloadViewProps) {
  const text = useText(payload, form)
  const old = useText(before, form)
  if (text === null) return <p class="soft">Decoding…</p>
  if (text.error !== undefined)
    return (
      <p class="problem">
        These bytes are not {form === 'cbor' ? 'CBOR' : form === 'msgpack' ? 'MessagePack' : 'JSON'}:{' '}
        {text.error}
      </p>
    )
  if (text.text === '') return <p class="soft">The payload is empty.</p>
  const lines =
    old?.text !== undefined
      ? diffLines(old.text, text.text)
      : text.text.split('\n').map((line) => ({ kind: 'same' as const, text: line }))
  return (
    <pre class="payload" tabIndex={0} aria-label="Payload">
      {lines.map((line, index) => (
        <span key={index} class="diff-line" data-kind={line.kind}>
          {old !== null && <span class="sign">{SIGNS[line.kind]}</span>}
          {form === 'hex' || form === 'text' ? line.text : <Coloured text={line.text} />}
          {'\n'}
        </span>
      ))}
    </pre>
  )
}

const SIGNS = { same: '  ', added: '+ ', removed: '− ' } as const

type Readable =
  | { readonly text: string; readonly error?: undefined }
  | { readonly error: string; readonly text?: undefined }

/** `null`: nothing is asked, or it is being decoded. */
function useText(payload: SentPayload | null, form: Form): Readable | null {
  const key = payload && JSON.stringify(payload)
  const [decoded, setDecoded] = useState<{ readonly key: string | null; readonly result: Readable | null }>({
    key: null,
    result: null,
  })
  const isForeign = form === 'cbor' || form === 'msgpack'
  useEffect(() => {
    if (payload === null || !isForeign) return undefined
    let isCurrent = true
    const tell = (result: Readable): void => {
      if (isCurrent) setDecoded({ key: `${form} ${key}`, result })
    }
    decode(form, bytesOf(payload)).then(
      (value) => tell({ text: pretty(value) }),
      (error: unknown) => tell({ error: (error as Error).message }),
    )
    return () => {
      isCurrent = false
    }
  }, [key, form])
  if (payload === null) return null
  if (isForeign) return decoded.key === `${form} ${key}` ? decoded.result : null
  return plainText(payload, form)
}

function plainText(payload: SentPayload, form: Form): Readable {
  if (form === 'hex') return { text: hexDump(bytesOf(payload)) }
  const text = payload.text ?? new TextDecoder().decode(bytesOf(payload))
  if (form === 'text') return { text }
  const json = prettyJson(payload)
  return json === null ? { error: 'a JSON parser refuses it.' } : { text: json }
}

/** A line of JSON: names, texts and numbers apart. */
function Coloured({ text }: { readonly text: string }) {
  const [, indent = '', name = '', rest = ''] = /^(\s*)("(?:[^"\\]|\\.)*"(?=:))?(.*)$/s.exec(text) ?? []
  const value = /^(:?\s*)("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)?(.*)$/s.exec(rest)
  const [, lead = '', atom = '', tail = ''] = value ?? []
  const kind = atom.startsWith('"') ? 'string' : /^[-\d]/.test(atom) ? 'number' : 'word'
  return (
    <>
      {indent}
      {name !== '' && <span class="json-name">{name}</span>}
      {lead}
      {atom !== '' && <span class={`json-${kind}`}>{atom}</span>}
      {tail}
    </>
  )
}
