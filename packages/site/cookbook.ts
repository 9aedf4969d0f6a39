// docs/cookbook.md, made of the recipes: each is a rule file in examples/cookbook whose first comment is its title and what
// there is to say about it.

import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const FOLDER = 'examples/cookbook'

const HEAD = `# Cookbook

Thirty rules to copy. Each is a file of [\`${FOLDER}\`](../${FOLDER}), passes \`vigie check\`, and has a test in virtual time.
Copy one into your rules folder, change the topics, and try it with \`vigie explain\`.
`

interface Recipe {
  readonly name: string
  readonly title: string
  readonly text: string
  readonly code: string
}

/** @param root the repository */
export function cookbook(root: string): string {
  const recipes = globSync('*.ts', { cwd: join(root, FOLDER) })
    .toSorted()
    .map((name) => recipeOf(name, readFileSync(join(root, FOLDER, name), 'utf8')))
  const list = recipes.map(({ title }, index) => `${index + 1}. [${title}](#${slug(title)})`).join('\n')
  return [HEAD, `${list}\n`, ...recipes.map(sectionOf)].join('\n')
}

function recipeOf(name: string, source: string): Recipe {
  const [, title, text, code] = /^\/\/ (.+)\n\/\/\n((?:\/\/ .+\n)+)\n([^]*)$/.exec(source) ?? []
  if (title === undefined || text === undefined || code === undefined)
    throw new Error(`${FOLDER}/${name} does not begin with a title, an empty line and a text in comments.`)
  return { name: basename(name).replace(/^\d+-/, ''), title, text: text.replace(/^\/\/ /gm, ''), code }
}

const sectionOf = ({ name, title, text, code }: Recipe): string =>
  `## ${title}\n\n${text}\n\`\`\`ts\n// rules/${name}\n${code}\`\`\`\n`

/** The anchor of a heading without signs that mean something in Markdown. */
const slug = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-')
