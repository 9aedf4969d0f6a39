// Overview: whether anything is wrong, in one sentence.

import { useAnswer } from '../api/use-answer.ts'
import { Heading } from '../ui/heading.tsx'
import { Notice } from '../ui/notice.tsx'
import type { HubStatus } from '../../model/hub-status.ts'

export function View() {
  const { data, error } = useAnswer<HubStatus>('/api/status', {}, 5_000)
  return (
    <>
      <Heading title="Overview" />
      {error && <Notice kind="bad" title={error.message} />}
      {data && <Health status={data} />}
    </>
  )
}

function Health({ status: { health } }: { readonly status: HubStatus }) {
  const broken = Object.values(health.conditions).filter((sentence) => sentence !== null)
  if (health.ok) return <Notice kind="ok" title="All is well: the hub keeps its promise." />
  return (
    <Notice
      kind="bad"
      title={broken.length === 1 ? 'Something is wrong.' : `${broken.length} things are wrong.`}
    >
      <ul>
        {broken.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </Notice>
  )
}
