// Runs an ended run once more, from one of its steps on, with the payload of its event or another one; and whose
// rerun a run is.

import type { FiringDetails } from '../../model/run.ts'
import { postJson } from '../api/client.ts'
import { AskButton } from '../ui/ask-button.tsx'
import { Who, whoIn } from '../ui/who.tsx'

interface RerunProps {
  readonly run: number
  readonly onDone: (said: string) => void
}

export const Rerun = ({ run, onDone }: RerunProps) => (
  <AskButton
    label="Run again"
    title={`Run ${run} once more?`}
    confirm="Run again"
    act={async (form) => {
      // The spaces of a payload belong to it.
      const [from, input] = [textIn(form, 'from').trim(), textIn(form, 'input')]
      const order = { ...whoIn(form), ...(from !== '' && { from }), ...(input !== '' && { input }) }
      const made = await postJson<{ run: number }>(`/api/runs/${run}/rerun`, order)
      return `Run ${run} is run again, as run ${made.run}.`
    }}
    onDone={onDone}
  >
    <p>It becomes a new run, by the rule as it is now. Steps before the first one keep their results.</p>
    <label class="field">
      From step
      <input name="from" inputMode="numeric" pattern="[0-9]+" placeholder="0" />
    </label>
    <label class="field">
      With another payload
      <textarea name="input" rows={4} placeholder="that of its event" />
    </label>
    <Who />
  </AskButton>
)

function textIn(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}

/** Whose rerun it is. */
export function rerunOf(details: FiringDetails | null | undefined) {
  const { rerun, input } = details ?? {}
  if (rerun === undefined) return null
  return (
    <>
      <a href={`/runs/${rerun.run}`}>run #{rerun.run}</a> from step {rerun.from}
      {rerun.by !== null && `, by ${rerun.by}`}
      {input !== undefined && ', with another payload'}
    </>
  )
}
