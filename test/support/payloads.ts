// Payloads that are changed by whoever parses them and writes them again.

/** Each is valid JSON. */
export const FRAGILE_JSON = [
  '1724442618569203714',
  '{"id":1724442618569203714}',
  '[1e999,-1e999,1E400]',
  '[-0,-0.0,1.0,1.50,1e2,0.1000]',
  '{"b":1,"a":2,"b":3,"1":0,"__proto__":7}',
  '{"escaped":"\\u00e9\\/\\ud800"}',
  '12345678901234567890.12345678901234567890',
] as const
