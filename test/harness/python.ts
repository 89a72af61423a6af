import { join } from 'node:path'
import { inject } from 'vitest'

/** Path of an executable of the locked Python environment: `python`, `dbt`, `papermill` ... */
export function pythonBin(name: string): string {
  return join(inject('pythonEnv'), 'bin', name)
}
