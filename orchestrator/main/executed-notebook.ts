import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Larger ones are there to be opened in Jupyter. */
const mostBytes = 50_000_000

/**
 * Reads notebooks that workers executed and left under home. Run and step are what somebody asked for: they name a file
 * below `runs` or nothing.
 */
export function executedNotebooks(home: string): (run: string, step: string) => Promise<string | null> {
  return async (run, step) => {
    const segments = [run, ...step.split('/')]
    if (!segments.every((segment) => /^[\w-]+$/.test(segment))) return null
    const path = join(home, 'runs', ...segments, 'executed.ipynb')
    try {
      const { size } = await stat(path)
      return size > mostBytes ? null : await readFile(path, 'utf8')
    } catch {
      return null
    }
  }
}
