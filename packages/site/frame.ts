// What stands around the text of each page of the site: its head, the search, the navigation, the headings of the page.

import { type Heading, escaped } from './markdown.ts'

/** A part of the navigation: a name, and links with addresses as seen from the page. */
export interface NavigationPart {
  readonly name: string
  readonly links: readonly { readonly href: string; readonly text: string; readonly isHere: boolean }[]
}

export interface FramedPage {
  readonly title: string
  readonly html: string
  readonly headings: readonly Heading[]
  readonly navigation: readonly NavigationPart[]
  /** From the page to the root of the site: `''`, or `'../'`. */
  readonly root: string
}

export const framed = ({ title, html, headings, navigation, root }: FramedPage): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)} · vigie</title>
<link rel="icon" href="${root}assets/icon.svg">
<link rel="stylesheet" href="${root}assets/site.css">
<script src="${root}assets/search.js" defer data-root="${root}"></script>
</head>
<body>
<a class="skip" href="#main">Skip to the text</a>
<header>
<a class="brand" href="${root}index.html">vigie</a>
<search>
<input type="search" id="search" placeholder="Search (press /)" aria-label="Search the documentation" autocomplete="off"
  aria-controls="found" hidden>
<ol id="found" hidden></ol>
</search>
</header>
<div class="columns">
<nav aria-label="Documentation">
<details id="navigation" open>
<summary>All pages</summary>
${navigation.map(partOf).join('\n')}
</details>
</nav>
<main id="main">
${html}
</main>
${headings.length < 3 ? '' : `<nav class="here" aria-label="On this page">\n${listOf(headings)}\n</nav>`}
</div>
</body>
</html>
`

const partOf = ({ name, links }: NavigationPart): string =>
  `<p>${escaped(name)}</p>\n<ul>${links
    .map(
      ({ href, text, isHere }) =>
        `<li><a href="${escaped(href)}"${isHere ? ' aria-current="page"' : ''}>${escaped(text)}</a></li>`,
    )
    .join('')}</ul>`

const listOf = (headings: readonly Heading[]): string =>
  `<ul>${headings
    .filter(({ depth }) => depth === 2)
    .map(({ id, text }) => `<li><a href="#${id}">${escaped(text)}</a></li>`)
    .join('')}</ul>`
