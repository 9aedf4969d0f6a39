// How a proxy is known that asks for somebody else.

/** Headers that proxies add, and no program that asks for itself. */
const OF_PROXIES = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'cf-connecting-ip',
]

/** @param header the value of a request's header, by its name in lower case */
export const isByProxy = (header: (name: string) => unknown): boolean =>
  OF_PROXIES.some((name) => header(name) !== undefined)
