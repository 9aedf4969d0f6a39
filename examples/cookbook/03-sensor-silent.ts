// A sensor that says nothing
//
// Told when a sensor has been silent for half an hour, also one that has never spoken: `expect` lists who must.

import { alert, rule, silence } from 'vigie'

export default rule('cookbook-sensor-silent', {
  on: silence('sensors/+id/celsius', '30m', { expect: [{ id: 'cellar' }, { id: 'attic' }] }),
  do: ({ params }) => alert({ key: `silent-${params.id}`, title: `The sensor ${params.id} is silent` }),
})
