import { execa } from 'execa'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { httpRequest } from '../../src/http-client/request.ts'

/** Asks for an address in a process of its own: the proxy is read from the environment at the start. */
async function ask(env: Readonly<Record<string, string>>, url = 'http://127.0.0.1:1/a'): Promise<string> {
  const module = new URL('../../src/http-client/request.ts', import.meta.url).href
  const program = `
    const { httpRequest } = await import(${JSON.stringify(module)})
    const signal = new AbortController().signal
    const request = { url: new URL(${JSON.stringify(url)}), method: 'GET', headers: {}, signal, bodyLimitBytes: 100 }
    console.log(await httpRequest(request).then(({ body }) => body.toString(), ({ code }) => code))`
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', program], { env })
  return stdout
}

test('a request goes through the proxy that the environment names, unless it exempts the host', async () => {
  const proxy = createServer((request, response) => response.end(`asked for ${request.url}`)).listen(
    0,
    '127.0.0.1',
  )
  await once(proxy, 'listening')
  onTestFinished(() => void proxy.close())
  const HTTP_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  expect(await ask({ HTTP_PROXY, NO_PROXY: '' })).toBe('asked for http://127.0.0.1:1/a')
  expect(await ask({ HTTP_PROXY, NO_PROXY: '127.0.0.1' })).toBe('ECONNREFUSED')
})

test('a proxy is asked for a tunnel to an address that speaks TLS', async () => {
  const asked: (string | undefined)[] = []
  const proxy = createServer().on('connect', ({ url, headers }, socket) => {
    asked.push(url, headers['proxy-authorization'])
    socket.end('HTTP/1.1 502 No Way\r\n\r\n')
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => void proxy.close())
  const HTTPS_PROXY = `http://me:pw@127.0.0.1:${(proxy.address() as AddressInfo).port}`
  expect(await ask({ HTTPS_PROXY, NO_PROXY: '' }, 'https://hooks.example/a')).toBe('ERR_PROXY_TUNNEL')
  expect(asked).toEqual(['hooks.example:443', `Basic ${Buffer.from('me:pw').toString('base64')}`])
})

test('a request to which the answer breaks off is sent once, on a kept connection too', async () => {
  let asked = 0
  const server = createServer((_request, response) => {
    if (++asked === 1) return response.end('all')
    response.writeHead(200, { 'content-length': '100' })
    return response.write('some', () => response.socket?.destroySoon())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const request = {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    method: 'POST',
    headers: {},
    signal: new AbortController().signal,
    bodyLimitBytes: 100,
  }
  expect((await httpRequest(request)).body.toString()).toBe('all')
  // The connection is given back when the answer has ended.
  await new Promise((resolve) => setImmediate(resolve))
  expect(await httpRequest(request)).toMatchObject({ status: 200, body: Buffer.from('some'), cut: 'broken' })
  expect(asked).toBe(2)
})
