// Node's module `http`, taken without undici. An `import` of `node:http` reads each export of the module, and
// the getter of `WebSocket` loads all of undici, which takes each thread 60 ms.

export const { Agent, createServer, request, STATUS_CODES, validateHeaderName, validateHeaderValue } =
  process.getBuiltinModule('node:http')
