// Measures the CPU time of a webhook's HTTP request by itself: the least that a run with one can take. The
// server is a process of its own.
//
//   node bench/http-request.ts [requests, by default 20,000]

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { httpRequest } from '../src/http-client/request.ts'
import { LOAD_CORE, pinned } from './machine.ts'

const REQUESTS = Number(process.argv[2] ?? 20_000)
const AT_ONCE = 64
const ROUNDS = 3
const SERVER = `
  const server = require('node:http').createServer((request, response) => request.resume().once('end', () => response.end()))
  server.listen(0, '127.0.0.1', () => console.log(server.address().port))`

const server = spawn(...pinned(LOAD_CORE, process.execPath, ['-e', SERVER]), {
  stdio: ['ignore', 'pipe', 'inherit'],
})
try {
  const [port] = (await once(server.stdout, 'data')) as [Buffer]
  const url = new URL(`http://127.0.0.1:${port.toString().trim()}/`)
  for (let round = 1; round <= ROUNDS; round++) {
    const before = process.cpuUsage()
    await send(url, REQUESTS)
    const { user, system } = process.cpuUsage(before)
    process.stdout.write(`round ${round}: ${((user + system) / REQUESTS).toFixed(1)} µs of CPU a request\n`)
  }
} finally {
  server.kill()
}

async function send(url: URL, count: number): Promise<void> {
  let left = count
  const headers = { 'Content-Type': 'application/json' }
  const body = Buffer.from(JSON.stringify({ place: '12', temperature: 21.5 }))
  const { signal } = new AbortController()
  const one = async (): Promise<void> => {
    while (left-- > 0)
      await httpRequest({ url, method: 'POST', headers, body, signal, bodyLimitBytes: 65_536 })
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
}
