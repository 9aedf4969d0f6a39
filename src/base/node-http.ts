// Node's module `http`, without what few need of it: an `import` of `node:http` reads each of its exports, and
// `WebSocket` among them loads all of undici, which takes each thread 60 ms.

export const { Agent, createServer, request, STATUS_CODES, validateHeaderName, validateHeaderValue } =
  process.getBuiltinModule('node:http')
