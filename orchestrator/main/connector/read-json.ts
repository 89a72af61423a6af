import { readFile } from 'node:fs/promises'
import { TraitlineError } from '../../contract/index.ts'

/** What is in a JSON file that the command line names. Throws JSON_FILE_UNREADABLE, which names it. */
export async function readJsonFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    const why =
      cause instanceof SyntaxError ? 'is not JSON' : `cannot be read (${(cause as NodeJS.ErrnoException).code})`
    throw new TraitlineError({
      ...{ code: 'JSON_FILE_UNREADABLE', message: `${path} ${why}`, blame: 'user', cause },
      hint: 'Name a file that holds JSON.',
    })
  }
}
