// The texts of mqttwarn (`format`, `title`) are Python's format strings over the fields of a JSON payload and
// what mqttwarn adds to them. They become template literals.

import { Code, quoted } from '../code.ts'

/** What mqttwarn adds to the fields of a message. */
const ADDED: Readonly<Record<string, string>> = {
  topic: 'topic',
  payload: 'event.text',
  _dtiso: 'new Date(event.at).toISOString()',
  _ltiso: 'new Date(event.at).toISOString()',
  _dthhmm: 'new Date(event.at).toISOString().slice(11, 16)',
  _dthhmmss: 'new Date(event.at).toISOString().slice(11, 19)',
  _dtepoch: 'Math.floor(event.at / 1000)',
}

export interface Text {
  readonly code: Code
  /** Whether it takes fields of the payload, by the function `field`. */
  readonly usesFields: boolean
  /** Placeholders that are taken over without their format. */
  readonly plain: readonly string[]
}

/** `{name}`, `{name:.1f}`, `{name[inner]}`; `{{` and `}}` are braces. */
const PLACEHOLDER = /\{\{|\}\}|\{([\w.-]+)((?:\[[\w.-]+\])*)(?:![rsa])?(?::([^{}]*))?\}/g

export function textOf(format: string): Text {
  const plain: string[] = []
  let usesFields = false
  let isFilled = false
  let code = ''
  let text = ''
  let at = 0
  for (const match of format.matchAll(PLACEHOLDER)) {
    const [whole, name, inner = '', spec = ''] = match
    const before = format.slice(at, match.index)
    code += escaped(before)
    text += before
    at = match.index + whole.length
    if (name === undefined) {
      code += whole[0]
      text += whole[0]
      continue
    }
    isFilled = true
    const added = Object.hasOwn(ADDED, name) ? ADDED[name]! : undefined
    const path = [...name.split('.'), ...Array.from(inner.matchAll(/\[([^\]]+)\]/g), ([, key = '']) => key)]
    if (added === undefined) usesFields = true
    const value = added ?? `field(payload, ${path.map((key) => quoted(key)).join(', ')})`
    const [, digits] = /^\.(\d+)f$/.exec(spec) ?? []
    if (digits !== undefined) code += `\${Number(${value}).toFixed(${digits})}`
    else {
      if (spec !== '' && spec !== 's' && spec !== 'd') plain.push(whole)
      code += `\${${value}}`
    }
  }
  code += escaped(format.slice(at))
  const plainCode = quoted(text + format.slice(at))
  return { code: new Code(isFilled ? `\`${code}\`` : plainCode), usesFields, plain }
}

/** As it stands in a template literal. A line end of Windows would be read as one of Unix. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[\\`]|\$(?=\{|$)/g, String.raw`\$&`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\r', String.raw`\r`)
