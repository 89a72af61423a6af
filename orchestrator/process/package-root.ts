import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

let found: string | undefined

/** The folder of Traitline's own package.json, whether this code runs from source or from dist/. */
export function packageRoot(): string {
  if (found !== undefined) return found
  let folder = dirname(fileURLToPath(import.meta.url))
  for (let depth = 0; depth < 16; depth++) {
    if (packageName(folder) === 'traitline') return (found = folder)
    folder = dirname(folder)
  }
  throw new Error('package.json of traitline not found above its own code: the installation is incomplete')
}

function packageName(folder: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string }).name
  } catch {
    return undefined
  }
}
