// Python functions that mqttwarn.ini names become TypeScript functions that throw until somebody writes them.

import { inComment } from '../code.ts'

const KINDS = {
  filter: {
    does: 'Returns whether the message is left out.',
    signature: '(_topic: string, _payload: unknown): boolean',
  },
  data: {
    does: 'Returns more fields for the texts.',
    signature: '(_topic: string, _payload: unknown): Readonly<Record<string, unknown>>',
  },
  text: {
    does: 'Returns the text that is told.',
    signature: '(_topic: string, _payload: unknown): string',
  },
  task: {
    does: 'Is called on a schedule.',
    signature: '(): Promise<void>',
  },
} as const
export type FunctionKind = keyof typeof KINDS

export class Functions {
  readonly #byName = new Map<
    string,
    { readonly kind: FunctionKind; readonly said: string; readonly line: number }
  >()

  /** The name of the function that a setting such as `filter = owntracks_filter()` calls. */
  static calledBy(text: string): string | undefined {
    return /^([A-Za-z_][\w.]*)\s*\(.*\)$/s.exec(text.trim())?.[1]
  }

  /** Declares a function; returns its name in TypeScript. */
  use(called: string, kind: FunctionKind, said: string, line: number): string {
    const base = called.replaceAll('.', '_')
    const before = this.#byName.get(base)
    const name = before === undefined || before.kind === kind ? base : `${base}_${kind}`
    if (!this.#byName.has(name)) this.#byName.set(name, { kind, said: inComment(said), line })
    return name
  }

  get names(): readonly string[] {
    return [...this.#byName.keys()]
  }

  /** The file that declares all of them. */
  source(file: string): string {
    const each = Array.from(this.#byName, ([name, { kind, said, line }]) => {
      const { does, signature } = KINDS[kind]
      const isTask = kind === 'task'
      return [
        `/** Line ${line} of ${inComment(file)}: ${said.replaceAll('*/', '* /')}. ${does} */`,
        `export ${isTask ? 'async ' : ''}function ${name}${signature} {`,
        `  return notWritten('${name}')`,
        '}',
      ].join('\n')
    })
    return [
      '// Functions that mqttwarn had in Python. Each throws until it is written here.',
      '',
      each.join('\n\n'),
      '',
      'function notWritten(name: string): never {',
      '  const todo = `${name} is not written yet`',
      '  throw new Error(`${todo}: it is to do in rules/lib/functions.ts what it did in Python`)',
      '}',
      '',
    ].join('\n')
  }
}
