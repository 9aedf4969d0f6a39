// `vigie why`: the tree of what really happened round an event or a run: up to the first cause, down to the
// last consequence.

import { jsonText } from '../../model/json.ts'
import { type StorySubject, storyJson } from '../../model/story.ts'
import { EXIT, UserError } from '../frame/command.ts'
import type { Command } from '../frame/command.ts'
import { jsonOption } from '../frame/options.ts'
import { whereOptions } from '../frame/hub-address.ts'
import { paintFor } from '../show/paint.ts'
import { withQuestions } from '../frame/questions.ts'
import { storyLines } from '../show/story-lines.ts'

export const why: Command = {
  options: [jsonOption(), ...whereOptions()],
  help: `An event is named by its number (12 or #12, see "vigie history"), a run by run:3 (see "vigie runs").
For each event: the rules that waited for its topic, what each made of it, and what they did.`,
  async run(input) {
    const { args, options, terminal } = input
    const subject = readSubject(args[0] ?? '')
    const story = await withQuestions(input, (ask) => ask.story(subject))
    if (story === undefined)
      throw new UserError(
        subject.kind === 'event'
          ? `There is no event #${subject.id} in the history; "vigie history" lists those that are kept.`
          : `There is no run #${subject.id}; "vigie runs" lists those that are kept.`,
      )
    if (options.json) terminal.out(`${jsonText(storyJson(story))}\n`)
    else for (const line of storyLines(story, paintFor(terminal))) terminal.out(`${line}\n`)
    return EXIT.ok
  },
}

function readSubject(text: string): StorySubject {
  const [, run, id] = /^(run:)?#?(\d{1,15})$/.exec(text) ?? []
  if (id !== undefined) return { kind: run === undefined ? 'event' : 'run', id: Number(id) }
  throw new UserError(
    `${JSON.stringify(text)} names neither an event (12 or #12) nor a run (run:3); ` +
      `"vigie history" and "vigie runs" list them.`,
  )
}
