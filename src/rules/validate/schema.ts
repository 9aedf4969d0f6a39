// Standard Schema (version 1): the few lines that zod, valibot, arktype and others agree on, so that any of
// them checks a payload.

export interface Schema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
    readonly validate: (value: unknown) => SchemaAnswer<Output> | Promise<SchemaAnswer<Output>>
  }
}

type SchemaAnswer<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

export type OutputOf<S> = S extends Schema<infer Output> ? Output : never

export const isSchema = (value: unknown): value is Schema =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
  typeof (value as Partial<Schema>)['~standard']?.validate === 'function'

/** `price: expected number, received string; name: …` */
export const describeIssues = (issues: readonly SchemaIssue[]): string =>
  issues
    .map(({ message, path }) => (path?.length ? `${path.map(keyOf).join('.')}: ${message}` : message))
    .join('; ')

const keyOf = (part: PropertyKey | { readonly key: PropertyKey }): string =>
  String(typeof part === 'object' ? part.key : part)
