// Reads the literals of Python that stand in mqttwarn.ini: texts, numbers, lists, tuples, dictionaries, None.
// What is none of these is a plain text, as mqttwarn has it.

export type Python = string | number | boolean | null | readonly Python[] | { readonly [key: string]: Python }

/** The value of a setting: a literal, or else the text itself. */
export function pythonValue(text: string): Python {
  const reader = new Reader(text)
  try {
    const value = reader.value()
    reader.end()
    return value
  } catch (error) {
    if (error instanceof NotALiteral) return text.trim()
    throw error
  }
}

class NotALiteral extends Error {}

const WORDS: Readonly<Record<string, Python>> = { None: null, True: true, False: false }
const CLOSES: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' }
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(): Python {
    this.#skip()
    const first = this.#text[this.#at] ?? ''
    if (first === '[' || first === '(') return this.#list(CLOSES[first]!)
    if (first === '{') return this.#dictionary()
    const quote = this.#take(/[uUrRbB]?("""|'''|"|')/y)
    if (quote !== undefined) return this.#string(quote.replace(/^[uUrRbB]/, ''))
    const word = this.#take(/[\w.+-]+/y)
    if (word === undefined) throw new NotALiteral()
    if (Object.hasOwn(WORDS, word)) return WORDS[word]!
    if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(word)) return Number(word)
    throw new NotALiteral()
  }

  end(): void {
    this.#skip()
    if (this.#at < this.#text.length) throw new NotALiteral()
  }

  #list(close: string): Python[] {
    this.#at++
    const items: Python[] = []
    while (!this.#closes(close)) {
      items.push(this.value())
      if (!this.#separates(close)) throw new NotALiteral()
    }
    return items
  }

  #dictionary(): Record<string, Python> {
    this.#at++
    const entries: Record<string, Python> = {}
    while (!this.#closes('}')) {
      const key = this.value()
      this.#skip()
      if (this.#text[this.#at++] !== ':') throw new NotALiteral()
      entries[typeof key === 'string' ? key : JSON.stringify(key)] = this.value()
      if (!this.#separates('}')) throw new NotALiteral()
    }
    return entries
  }

  #string(quote: string): string {
    let text = ''
    while (!this.#text.startsWith(quote, this.#at)) {
      const char = this.#text[this.#at++]
      if (char === undefined) throw new NotALiteral()
      if (char !== '\\') text += char
      else {
        const escaped = this.#text[this.#at++] ?? ''
        text += ESCAPES[escaped] ?? (`'"\\`.includes(escaped) ? escaped : `\\${escaped}`)
      }
    }
    this.#at += quote.length
    return text
  }

  #closes(close: string): boolean {
    this.#skip()
    if (this.#text[this.#at] !== close) return false
    this.#at++
    return true
  }

  /** Whether a comma or the end of the list follows. */
  #separates(close: string): boolean {
    this.#skip()
    if (this.#text[this.#at] === close) return true
    return this.#text[this.#at++] === ','
  }

  /** Blanks and comments. */
  #skip(): void {
    this.#take(/(?:\s|#[^\n]*(?:\n|$))*/y)
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }
}
