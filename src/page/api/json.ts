// JSON whose numbers keep the text that came. JavaScript rounds integers beyond 2^53 and writes `1.0` as `1`; such
// a number is an object that `JSON.stringify` writes as it came. Browsers before 2025 may round all the same.
// https://tc39.es/proposal-json-parse-with-source/

const { rawJSON } = JSON as { rawJSON?: (text: string) => unknown }

/** Stands for the number with this text. */
export const numberOf = (text: string): unknown => rawJSON?.(text) ?? Number(text)

/** @throws SyntaxError: it is no JSON */
export const parseExactly = (text: string): unknown => JSON.parse(text, exact)

/** @param context has the text of this value where the browser gives it */
const exact = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
  const { source } = context ?? {}
  return typeof value === 'number' && source !== undefined && source !== String(value)
    ? numberOf(source)
    : value
}
