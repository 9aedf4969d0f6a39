// Who acts: a name that goes into the history with what is done. Nobody checks it; the browser remembers it.

const KEY = 'vigie.who'

export const Who = () => (
  <label class="field">
    Your name
    <input name="by" autocomplete="username" defaultValue={keptWho()} maxLength={100} />
    <small class="soft">It stands in the history with what you do.</small>
  </label>
)

function keptWho(): string {
  try {
    return localStorage.getItem(KEY) ?? ''
  } catch {
    return ''
  }
}

/** Remembers the name that a form holds. */
export function keepWho(form: FormData): void {
  const who = form.get('by')
  if (typeof who !== 'string') return
  try {
    localStorage.setItem(KEY, who)
  } catch {
    // A browser that keeps nothing asks again.
  }
}

/** What a request says of who gives it: nothing when nobody is named. */
export function whoIn(form: FormData): { readonly by?: string } {
  const by = form.get('by')
  return typeof by === 'string' && by.trim() !== '' ? { by: by.trim() } : {}
}
