// Finds a rule file's own line in a stack.

/**
 * The first place of the stack that lies in the file, as `line:column`.
 * @param file as people write it: `rules/door.ts`
 */
export function placeIn(file: string, stack: string): string | undefined {
  for (const frame of stack.split('\n')) {
    const [, path = '', place] = /((?:file:\/\/)?\/[^()]*?)(?:\?[^():]*)?:(\d+:\d+)\)?$/.exec(frame) ?? []
    if (place !== undefined && (path.endsWith(`/${file}`) || decoded(path).endsWith(`/${file}`))) return place
  }
  return undefined
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
