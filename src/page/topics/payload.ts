// A payload in the page: its bytes, and the forms in which it can be read.

import type { SentPayload } from '../../http/live/views.ts'
import { numberOf, parseExactly } from '../api/json.ts'

export const FORMS = ['json', 'text', 'cbor', 'msgpack', 'hex'] as const
export type Form = (typeof FORMS)[number]

export const FORM_NAMES: Readonly<Record<Form, string>> = {
  json: 'JSON',
  text: 'Text',
  cbor: 'CBOR',
  msgpack: 'MessagePack',
  hex: 'Hex',
}

export function bytesOf({ text, base64 }: SentPayload): Uint8Array {
  if (text !== undefined) return new TextEncoder().encode(text)
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}

/** The value of a payload that is JSON. */
export function jsonIn({ text }: SentPayload): { readonly value: unknown } | null {
  if (text === undefined || text.trim() === '') return null
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return null
  }
}

/** The form that shows most of it: CBOR and MessagePack are never guessed, as any bytes could be either. */
export function formOf(payload: SentPayload): Form {
  if (payload.text === undefined) return 'hex'
  const found = jsonIn(payload)
  return found !== null && typeof found.value === 'object' && found.value !== null ? 'json' : 'text'
}

/** One line for a row: what a terminal would obey is a space. */
export function lineOf(payload: SentPayload): string {
  const { text, base64 } = payload
  // eslint-disable-next-line no-control-regex
  if (text !== undefined) return text.replaceAll(/[\u0000-\u001F\u007F]+/g, ' ').trim()
  const bytes = bytesOf({ base64 })
  return Array.from(bytes.subarray(0, 32), (byte) => byte.toString(16).padStart(2, '0')).join(' ')
}

/** Sixteen bytes to a line: offset, hex, and the characters that can be printed. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let offset = 0; offset < bytes.length; offset += 16) {
    const row = bytes.subarray(offset, offset + 16)
    const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, '0'))
    const left = hex.slice(0, 8).join(' ').padEnd(23)
    const right = hex.slice(8).join(' ').padEnd(23)
    const text = Array.from(row, (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join(
      '',
    )
    lines.push(`${offset.toString(16).padStart(4, '0')}  ${left}  ${right}  ${text}`)
  }
  return lines.join('\n')
}

/** Decodes what is not text; what decodes it is loaded when it is first asked for. */
export async function decode(form: 'cbor' | 'msgpack', bytes: Uint8Array): Promise<unknown> {
  if (form === 'cbor') {
    const { decode: decodeCbor } = await import('cborg')
    return decodeCbor(bytes, { useMaps: false, allowIndefinite: true, allowUndefined: true })
  }
  const { decode: decodeMessagePack } = await import('@msgpack/msgpack')
  return decodeMessagePack(bytes, { useBigInt64: true })
}

/** The payload as JSON for reading, with its numbers as they came; `null`: it is no JSON. */
export const prettyJson = (payload: SentPayload): string | null =>
  jsonIn(payload) === null ? null : pretty(parseExactly(payload.text ?? ''))

/** A value as JSON for reading: bytes as hex, large integers with all their digits. */
export const pretty = (value: unknown): string =>
  JSON.stringify(
    value,
    (_key, each: unknown) => {
      if (typeof each === 'bigint') return numberOf(`${each}`)
      if (each instanceof Uint8Array)
        return `0x${Array.from(each, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
      return each
    },
    2,
  ) ?? String(value)
