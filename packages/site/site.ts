// The documentation as a site: the Markdown files of this repository as HTML, with navigation, search and colours, and
// nothing that is loaded from elsewhere. Links are relative, so the site works below any address, and the links of the
// Markdown files go on working where the repository is read.

import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, extname, join, posix, relative, sep } from 'node:path'
import { framed } from './frame.ts'
import type { NavigationPart } from './frame.ts'
import { codeBlock, escaped, render } from './markdown.ts'
import type { Rendered } from './markdown.ts'

/** What becomes pages, from the root of the repository; in this order where the index says nothing. */
const PAGES = [
  'docs/**/*.md',
  'examples/*/README.md',
  'README.md',
  'CHANGELOG.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
]
/** Links to it are links to the home of the site, and its lists are the navigation. */
const INDEX = 'docs/README.md'

const ASSETS = join(import.meta.dirname, 'assets')
const TOKENS = 'src/page/styles/tokens.css'
const ICON = 'src/page/icon.svg'

/** A problem of the documents: a link that leads nowhere, a page that is not in the index. */
export class SiteProblem extends Error {}

export interface SiteOptions {
  /** Whether pictures are shown; without, what they show stands there in words. */
  readonly pictures?: boolean
}

/**
 * Writes the site into a folder, which it replaces.
 * @param root the repository
 * @throws SiteProblem with a line for each link that leads nowhere, and each page that is not in the index
 */
export function buildSite(root: string, to: string, { pictures = true }: SiteOptions = {}): void {
  const site = new Site(root, to, pictures)
  rmSync(to, { recursive: true, force: true })
  mkdirSync(join(to, 'assets'), { recursive: true })
  site.write()
  const styles = [join(root, TOKENS), join(ASSETS, 'site.css')].map((file) => readFileSync(file, 'utf8'))
  writeFileSync(join(to, 'assets', 'site.css'), styles.join('\n'))
  copyFileSync(join(root, ICON), join(to, 'assets', 'icon.svg'))
  copyFileSync(join(ASSETS, 'search.js'), join(to, 'assets', 'search.js'))
}

/** The navigation: its parts, each with the files of its links. */
type Index = readonly {
  readonly name: string
  readonly files: readonly { readonly text: string; readonly file: string }[]
}[]

class Site {
  readonly #root: string
  readonly #to: string
  readonly #hasPictures: boolean
  readonly #pages = new Map<string, Rendered>()
  readonly #problems: string[] = []
  /** Files beside the pages to which they link: pictures, and sources. */
  readonly #pictures = new Set<string>()
  readonly #sources = new Set<string>()

  constructor(root: string, to: string, hasPictures: boolean) {
    this.#root = root
    this.#to = to
    this.#hasPictures = hasPictures
  }

  write(): void {
    const files = PAGES.flatMap((pattern) => globSync(pattern, { cwd: this.#root }).toSorted()).map(slashed)
    for (const file of files) this.#pages.set(file, this.#rendered(file))
    const index = this.#index()
    const listed = new Set(index.flatMap(({ files: of }) => of.map(({ file }) => file)))
    for (const file of files)
      if (file !== INDEX && !listed.has(file)) this.#problems.push(`${file} is not in ${INDEX}.`)
    this.#checkAnchors()
    if (this.#problems.length > 0) throw new SiteProblem(this.#problems.join('\n'))

    for (const [file, page] of this.#pages) this.#put(addressOf(file), page, index)
    for (const file of this.#sources) this.#put(sourceAddressOf(file), this.#source(file), index)
    for (const file of this.#pictures) {
      mkdirSync(dirname(join(this.#to, addressOf(file))), { recursive: true })
      copyFileSync(join(this.#root, file), join(this.#to, addressOf(file)))
    }
    writeFileSync(join(this.#to, 'search.json'), JSON.stringify(this.#searchable()))
  }

  readonly #anchors: { readonly from: string; readonly file: string; readonly id: string }[] = []

  #rendered(file: string): Rendered {
    return render(readFileSync(join(this.#root, file), 'utf8'), {
      resolve: (target) => this.#resolve(file, target),
      hasPictures: this.#hasPictures,
    })
  }

  /** The address of a link of a file, as seen from the page that is made of it. */
  #resolve(from: string, target: string): string {
    if (/^[a-z]+:/.test(target)) return target
    const [path = '', id] = target.split('#', 2)
    const file =
      path === '' ? from : posix.normalize(posix.join(posix.dirname(from), path)).replace(/\/$/, '')
    const kind = statSync(join(this.#root, file), { throwIfNoEntry: false })
    if (kind === undefined) {
      this.#problems.push(`${from} links to ${target}, which is not there.`)
      return target
    }
    if (id !== undefined) this.#anchors.push({ from, file, id })
    const anchor = id === undefined ? '' : `#${id}`
    if (path === '') return anchor
    return between(addressOf(from), this.#addressOfTarget(file, kind.isDirectory())) + anchor
  }

  #addressOfTarget(file: string, isFolder: boolean): string {
    const readme = `${file}/README.md`
    if (isFolder && globSync(PAGES, { cwd: this.#root }).map(slashed).includes(readme))
      return addressOf(readme)
    if (file.endsWith('.md')) return addressOf(file)
    if (extname(file) === '.png') {
      if (this.#hasPictures) this.#pictures.add(file)
      return addressOf(file)
    }
    this.#sources.add(file)
    return sourceAddressOf(file)
  }

  #checkAnchors(): void {
    for (const { from, file, id } of this.#anchors)
      if (!this.#pages.get(file)?.headings.some((heading) => heading.id === id))
        this.#problems.push(`${from} links to ${file}#${id}, and there is no such heading.`)
  }

  /** The parts of the index: its second-level headings, each with the links of its list. */
  #index(): Index {
    const markdown = readFileSync(join(this.#root, INDEX), 'utf8')
    return markdown
      .split(/^## /m)
      .slice(1)
      .map((part) => ({
        name: part.slice(0, part.indexOf('\n')),
        files: Array.from(part.matchAll(/^- \[([^\]]+)\]\(([^)]+)\)/gm), ([, text = '', target = '']) => ({
          text,
          file: posix.normalize(posix.join(posix.dirname(INDEX), target)),
        })),
      }))
  }

  #put(address: string, { title, html, headings }: Omit<Rendered, 'passages'>, index: Index): void {
    const navigation: NavigationPart[] = index.map(({ name, files }) => ({
      name,
      links: files.map(({ text, file }) => ({
        text,
        href: between(address, addressOf(file)),
        isHere: addressOf(file) === address,
      })),
    }))
    const root = '../'.repeat(address.split('/').length - 1)
    mkdirSync(dirname(join(this.#to, address)), { recursive: true })
    writeFileSync(join(this.#to, address), framed({ title, html, headings, navigation, root }))
  }

  /** A file, or a list of the files of a folder, as a page. */
  #source(file: string): Omit<Rendered, 'passages'> {
    const path = join(this.#root, file)
    const title = file
    const head = `<h1>${escaped(file)}</h1>\n`
    if (!statSync(path).isDirectory())
      return {
        title,
        headings: [],
        html: head + codeBlock(readFileSync(path, 'utf8'), extname(file).slice(1)),
      }
    const inside = globSync('**/*.{ts,md,sh,ino,py,php}', { cwd: path }).map(slashed).toSorted()
    const blocks = inside.map(
      (name) =>
        `<h2>${escaped(name)}</h2>\n${codeBlock(readFileSync(join(path, name), 'utf8'), extname(name).slice(1))}`,
    )
    return { title, headings: [], html: head + blocks.join('\n') }
  }

  /** For each heading: its address, its page, its words, and the text below it. */
  #searchable(): readonly (readonly [string, string, string, string])[] {
    return [...this.#pages].flatMap(([file, { title, passages }]) =>
      file === 'docs/conformance.md'
        ? []
        : passages.map(
            ({ heading, text }) => [`${addressOf(file)}#${heading.id}`, title, heading.text, text] as const,
          ),
    )
  }
}

const slashed = (path: string): string => path.split(sep).join('/')

/** `docs/rules.md` → `rules.html`, `examples/light/README.md` → `examples/light.html` */
function addressOf(file: string): string {
  const inSite = file.startsWith('docs/') ? file.slice('docs/'.length) : file
  if (!inSite.endsWith('.md')) return inSite
  if (file === INDEX) return 'index.html'
  const page =
    basename(inSite) === 'README.md' && inSite.includes('/') ? dirname(inSite) : inSite.slice(0, -3)
  return `${page}.html`
}

const sourceAddressOf = (file: string): string => `source/${file}.html`

/** From one page to another. */
const between = (from: string, to: string): string => slashed(relative(dirname(from), to))
