// The search of the documentation: words against the headings and the text of all pages, in the browser. Without a script
// the field is not shown.

const { root } = document.currentScript.dataset
const field = document.getElementById('search')
const list = document.getElementById('found')
const MOST = 12

let loading
const load = () =>
  (loading ??= fetch(`${root}search.json`)
    .then((answer) => answer.json())
    .then((entries) =>
      entries.map(([address, page, heading, text]) => ({
        address,
        page,
        heading,
        text,
        title: `${page} ${heading}`.toLowerCase(),
        body: text.toLowerCase(),
      })),
    ))

/** All words must be there; those of the heading count for more, and so does a word that begins there. */
function score({ title, body }, words) {
  let sum = 0
  for (const word of words) {
    if (title.includes(word)) sum += new RegExp(`\\b${escaped(word)}`).test(title) ? 10 : 5
    else if (body.includes(word)) sum += 1
    else return 0
  }
  const phrase = words.join(' ')
  return sum + (title.includes(phrase) ? 8 : 0) + (body.includes(phrase) ? 3 : 0)
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

function around(text, words) {
  const at = Math.max(0, text.toLowerCase().indexOf(words[0]) - 40)
  return (at > 0 ? '… ' : '') + text.slice(at, at + 140)
}

async function find() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return show([])
  const entries = await load()
  const found = entries
    .map((entry) => [score(entry, words), entry])
    .filter(([points]) => points > 0)
    .toSorted(([one], [other]) => other - one)
    .slice(0, MOST)
  show(found.map(([, { address, page, heading, text }]) => row(address, page, heading, around(text, words))))
}

function row(address, page, heading, text) {
  const link = document.createElement('a')
  link.href = root + address
  const title = document.createElement('strong')
  title.textContent = page === heading ? page : `${page} › ${heading}`
  link.append(title, document.createElement('br'), text)
  const item = document.createElement('li')
  item.append(link)
  return item
}

function show(rows) {
  list.replaceChildren(...rows)
  list.hidden = rows.length === 0
}

field.hidden = false
field.addEventListener('input', () => void find())
// A link may lead to a heading of the same page.
list.addEventListener('click', () => show([]))
field.addEventListener('keydown', (event) => {
  if (event.key === 'Enter') list.querySelector('a')?.click()
})
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') show([])
  if (event.key !== '/' || event.target instanceof HTMLInputElement) return
  event.preventDefault()
  field.focus()
})

// On a phone the list of all pages is closed until it is asked for.
if (matchMedia('(max-width: 60rem)').matches) document.getElementById('navigation').open = false
