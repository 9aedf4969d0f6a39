// The services of mqttwarn: those that tell people become alert channels, the others become actions.

import { type Code, quoted, secretCode, secretName, textIn as textOf } from '../code.ts'
import type { IniSection } from './ini.ts'
import type { Python } from './python.ts'

/** One target: `service:name`. */
export interface Target {
  readonly service: string
  readonly name: string
  readonly settings: ReadonlyMap<string, { readonly value: Python }>
  /** What the target's list or dictionary says. */
  readonly address: Python
}

/** Gives a secret in place of a value that the configuration must not hold. */
export type Secret = (...words: readonly string[]) => Code

/** A channel of `vigie/channels`. */
export interface ChannelDraft {
  readonly maker: string
  readonly options: Readonly<Record<string, unknown>>
}

/** An action; `text` is the code of what is to be said, `title` that of its title. */
export interface ActionDraft {
  readonly imports: readonly string[]
  /** Modules of Node, as `name from 'module'`. */
  readonly modules?: readonly string[]
  readonly code: (text: string) => string
}

export function secretsOf(): { readonly secret: Secret; readonly names: readonly string[] } {
  const names: string[] = []
  return {
    names,
    secret: (...words) => {
      const name = secretName(...words)
      if (!names.includes(name)) names.push(name)
      return secretCode(name)
    },
  }
}

const textIn = (value: Python | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined
const listOf = (value: Python): readonly Python[] => (Array.isArray(value) ? (value as Python[]) : [value])
const fieldsOf = (value: Python): Readonly<Record<string, Python>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, Python>)
    : {}

type MakeChannel = (target: Target, secret: Secret) => ChannelDraft | undefined

const CHANNELS: Readonly<Record<string, MakeChannel>> = {
  smtp({ settings, address }, secret) {
    const of = (key: string) => textIn(settings.get(key)?.value)
    const from = /<([^>]+)>/.exec(of('sender') ?? '')?.[1] ?? of('sender')
    const user = of('username')
    return {
      maker: 'mail',
      options: {
        server: `smtp://${of('server') ?? 'localhost:25'}`,
        from: from?.includes('@') ? from : undefined,
        to: listOf(address).filter((each) => typeof each === 'string'),
        user,
        password: user === undefined ? undefined : secret('mail', 'password'),
      },
    }
  },
  pushover({ name, address }, secret) {
    const [, , sound] = listOf(address)
    const options = { token: secret('pushover', name, 'token'), user: secret('pushover', name, 'user') }
    return { maker: 'pushover', options: { ...options, sound: textIn(sound) } }
  },
  telegram({ address }, secret) {
    const [chat] = listOf(address)
    const number = Number(textIn(chat) ?? Number.NaN)
    const known = Number.isSafeInteger(number)
      ? number
      : /^@\w+$/.test(textOf(chat))
        ? textOf(chat)
        : undefined
    return { maker: 'telegram', options: { token: secret('telegram', 'token'), chat: known ?? 0 } }
  },
  slack({ address }, secret) {
    const [, channel = listOf(address)[0]] = listOf(address).length > 3 ? listOf(address) : []
    return {
      maker: 'slackBot',
      options: { token: secret('slack', 'token'), channel: textIn(channel ?? null) ?? '#general' },
    }
  },
  discord: ({ name }, secret) => ({ maker: 'discord', options: { url: secret('discord', name, 'url') } }),
  mattermost({ name, address }, secret) {
    const [, channel] = listOf(address)
    return {
      maker: 'mattermost',
      options: { url: secret('mattermost', name, 'url'), channel: textIn(channel ?? null) },
    }
  },
  gotify({ name, address }, secret) {
    const [server] = listOf(address)
    return {
      maker: 'gotify',
      options: {
        server: textIn(server ?? null) ?? 'http://localhost',
        token: secret('gotify', name, 'token'),
      },
    }
  },
  ntfy({ address }) {
    const url = URL.parse(textIn(fieldsOf(address)['url'] ?? listOf(address)[0] ?? null) ?? '')
    if (url === null) return undefined
    const topic = url.pathname.slice(1)
    return { maker: 'ntfy', options: { server: url.host === 'ntfy.sh' ? undefined : url.origin, topic } }
  },
  xmpp({ settings, address }, secret) {
    const jid = textIn(settings.get('sender')?.value)
    return {
      maker: 'xmpp',
      options: { jid: jid ?? 'hub@example.org', password: secret('xmpp', 'password'), to: listOf(address) },
    }
  },
  desktopnotify: () => ({ maker: 'desktop', options: {} }),
}

/** The channel of a target; `undefined` where its service is none that has one. */
export const channelOf = (target: Target, secret: Secret): ChannelDraft | undefined =>
  CHANNELS[target.service.replace(/^osxnotify$/, 'desktopnotify')]?.(target, secret)

type MakeAction = (target: Target, secret: Secret) => ActionDraft | undefined

const ACTIONS: Readonly<Record<string, MakeAction>> = {
  file({ settings, address }) {
    const [path] = listOf(address)
    if (typeof path !== 'string') return undefined
    const end = settings.get('append_newline')?.value === true ? String.raw` + '\n'` : ''
    const isNew = settings.get('overwrite')?.value === true
    const write = isNew ? 'writeFile' : 'appendFile'
    return {
      imports: ['call'],
      modules: [`${write} from 'node:fs/promises'`],
      code: (text) => `call(() => ${write}(${quoted(path)}, ${text}${end}))`,
    }
  },
  execute({ settings, address }) {
    const words = listOf(address).map(String)
    const replace = textIn(settings.get('text_replace')?.value) ?? '[TEXT]'
    if (words.length === 0) return undefined
    return { imports: ['shell'], code: (text) => `shell\`\${[${argv(words, replace, text)}]}\`` }
  },
  pipe({ address }) {
    const words = listOf(address).map(String)
    if (words.length === 0) return undefined
    // The payload is on the standard input of a command.
    return {
      imports: ['shell'],
      code: () => `shell\`\${[${words.map((word) => quoted(word)).join(', ')}]}\``,
    }
  },
  http({ name, address }, secret) {
    const [method, url, parameters, auth] = listOf(address)
    if (typeof url !== 'string') return undefined
    const isGet = textOf(method).toLowerCase() === 'get'
    const user = auth === undefined || auth === null ? undefined : textIn(listOf(auth)[0] ?? null)
    const options = [
      `method: ${quoted(textOf(method).toUpperCase())}`,
      ...(user === undefined
        ? []
        : [`auth: { user: ${quoted(user)}, password: ${secret('http', name, 'password').text} }`]),
      ...(isGet
        ? []
        : Object.keys(fieldsOf(parameters ?? null)).length > 0
          ? [`form: ${formOf(fieldsOf(parameters ?? null))}`]
          : []),
    ]
    return {
      imports: ['webhook', ...(user === undefined ? [] : ['secret'])],
      code: (text) => {
        const asked = isGet ? queryOf(url, fieldsOf(parameters ?? null)) : quoted(url)
        const body =
          isGet || options.some((option) => option.startsWith('form'))
            ? options
            : [...options, `text: ${text}`]
        return `webhook(${asked}, { ${body.join(', ')} })`
      },
    }
  },
  mqtt({ address }) {
    const [topic, qos, retain] = listOf(address)
    if (typeof topic !== 'string') return undefined
    const options = [
      ...(qos === 0 || qos === 2 ? [`qos: ${qos}`] : []),
      ...(retain === true ? ['retain: true'] : []),
    ]
    const said = options.length === 0 ? '' : `, { ${options.join(', ')} }`
    return { imports: ['publish'], code: (text) => `publish(${fill(topic)}, ${text}${said})` }
  },
}

/** The action of a target; `undefined` where its service is none that is one. */
export const actionOf = (target: Target, secret: Secret): ActionDraft | undefined =>
  ACTIONS[target.service]?.(target, secret)

const argv = (words: readonly string[], replace: string, text: string): string =>
  words
    .map((word) =>
      word === replace
        ? text
        : word.includes(replace)
          ? `${quoted(word)}.replace(${quoted(replace)}, () => ${text})`
          : quoted(word),
    )
    .join(', ')

/** `{name}` in a parameter stands for a field of the payload. */
const fill = (value: string): string =>
  value.includes('{') ? `filled(${quoted(value)}, payload)` : quoted(value)

const formOf = (fields: Readonly<Record<string, Python>>): string =>
  `{ ${Object.entries(fields)
    .map(([key, value]) => `${quoted(key)}: ${fill(textOf(value))}`)
    .join(', ')} }`

const queryOf = (url: string, fields: Readonly<Record<string, Python>>): string =>
  Object.keys(fields).length === 0
    ? quoted(url)
    : `${quoted(url.replace(/\?$/, ''))} + '?' + new URLSearchParams(${formOf(fields)})`

/** The section `[config:NAME]` of each service. */
export const serviceSections = (sections: readonly IniSection[]): ReadonlyMap<string, IniSection> =>
  new Map(
    sections
      .filter(({ name }) => name.startsWith('config:'))
      .map((section) => [section.name.slice('config:'.length), section]),
  )
