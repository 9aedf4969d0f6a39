// One Markdown file as HTML: headings with the anchors that the code host gives them, code with colours by class, links
// as the caller resolves them. Everything is text of this repository, so nothing has to be made harmless.

import { createRequire } from 'node:module'
import GithubSlugger from 'github-slugger'
import { Marked, type Tokens } from 'marked'

/** What is used of highlight.js, whose own types would let every file of this repository name things of browsers. */
interface Highlighter {
  registerLanguage(name: string, grammar: unknown): void
  registerAliases(aliases: readonly string[], of: { readonly languageName: string }): void
  getLanguage(name: string): object | undefined
  highlight(text: string, options: { readonly language: string }): { readonly value: string }
}

const require = createRequire(import.meta.url)
const hljs = require('highlight.js/lib/common') as Highlighter
hljs.registerLanguage('groovy', require('highlight.js/lib/languages/groovy'))
hljs.registerAliases(['make'], { languageName: 'makefile' })
hljs.registerAliases(['ino'], { languageName: 'cpp' })

export interface Heading {
  readonly depth: number
  readonly id: string
  /** Without markup. */
  readonly text: string
}

/** What stands below one heading, for the search. */
export interface Passage {
  readonly heading: Heading
  readonly text: string
}

export interface Rendered {
  readonly html: string
  /** That of the first heading. */
  readonly title: string
  readonly headings: readonly Heading[]
  readonly passages: readonly Passage[]
}

export interface RenderOptions {
  /** Turns the target of a link or an image into what the page has to name. */
  readonly resolve: (target: string) => string
  /** Without pictures, their words stand there. */
  readonly hasPictures: boolean
}

export function render(markdown: string, { resolve, hasPictures }: RenderOptions): Rendered {
  const slugger = new GithubSlugger()
  const headings: Heading[] = []
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const text = plain(this.parser.parseInline(tokens))
        const heading = { depth, id: slugger.slug(text), text }
        headings.push(heading)
        const anchor = `<a class="anchor" href="#${heading.id}" aria-label="Link to this heading">#</a>`
        const link = depth === 1 ? '' : ` ${anchor}`
        return `<h${depth} id="${heading.id}">${this.parser.parseInline(tokens)}${link}</h${depth}>\n`
      },
      code({ text, lang = '' }) {
        return `${codeBlock(text, lang)}\n`
      },
      link({ href, title, tokens }) {
        const titled = title ? ` title="${escaped(title)}"` : ''
        return `<a href="${escaped(resolve(href))}"${titled}>${this.parser.parseInline(tokens)}</a>`
      },
      image({ href, text }) {
        const words = escaped(text.replaceAll('\n', ' '))
        const source = escaped(resolve(href))
        return hasPictures ? `<img src="${source}" alt="${words}" loading="lazy">` : `<em>${words}</em>`
      },
      // A wide table scrolls by itself, also for whoever has a keyboard only.
      table(token) {
        const row = (cells: readonly Tokens.TableCell[], tag: string): string =>
          `<tr>${cells.map(({ tokens }) => cell(this.parser.parseInline(tokens), tag)).join('')}</tr>`
        const head = token.header.some(({ text }) => text !== '')
          ? `<thead>${row(token.header, 'th')}</thead>`
          : ''
        const body = token.rows.map((cells) => row(cells, 'td')).join('\n')
        return `<div class="wide" tabindex="0"><table>${head}<tbody>${body}</tbody></table></div>\n`
      },
    },
  })
  const html = marked.parse(markdown, { async: false })
  return { html, title: headings[0]?.text ?? '', headings, passages: sections(html, headings) }
}

/** Code with its colours as classes. A language that is not known has none. */
export function codeBlock(text: string, language: string): string {
  const known = hljs.getLanguage(language) !== undefined
  const inner = known ? hljs.highlight(text, { language }).value : escaped(text)
  return `<pre tabindex="0"><code>${inner}</code></pre>`
}

export const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!)

/** What a reader sees of HTML. */
const plain = (html: string): string =>
  html
    .replace(/<[^>]*>/g, '')
    .replace(/&(amp|lt|gt|quot|#39);/g, (_all, name: string) => ENTITIES[name] ?? '')

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

/** The HTML cut at its headings. */
function sections(html: string, headings: readonly Heading[]): Passage[] {
  const [, ...parts] = html.split(/<h\d id="[^"]*">.*<\/h\d>\n/)
  return headings.map((heading, index) => ({
    heading,
    text: plain(parts[index] ?? '')
      .replace(/\s+/g, ' ')
      .trim(),
  }))
}

/** A header without a word is an empty cell: there is nothing to read out. */
const cell = (html: string, tag: string): string => (html === '' ? '<td></td>' : `<${tag}>${html}</${tag}>`)
