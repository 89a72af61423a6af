import { existsSync, realpathSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createJiti } from 'jiti'
import { isTraitlineError, TraitlineError, type SourceLocation } from '../contract/index.ts'
import { InvalidCall } from '../define/check.ts'
import { isDefinition } from '../define/definition.ts'
import * as traitline from '../define/index.ts'
import type { Project } from '../define/project.ts'
import { parseFrame } from '../define/location.ts'
import { projectInvalid } from './problems.ts'

const fileNames = ['traitline.ts', 'traitline.mts', 'traitline.js', 'traitline.mjs']

/**
 * Runs a project's `traitline.ts` and answers its default export. `traitline` is this very package in it, wherever the
 * project was installed, and the files are read anew every time.
 *
 * Throws PROJECT_NOT_FOUND, or PROJECT_INVALID with the file and the line where it throws.
 */
export async function loadProject(dir: string): Promise<Project> {
  const file = fileNames.map((name) => join(dir, name)).find((path) => existsSync(path))
  if (file === undefined) {
    throw new TraitlineError({
      code: 'PROJECT_NOT_FOUND',
      message: `there is no traitline.ts in ${dir}`,
      hint: 'Go to a project’s folder, name it with --project, or make one with `traitline init`.',
      blame: 'user',
    })
  }
  const jiti = createJiti(pathToFileURL(file).href, {
    moduleCache: false,
    fsCache: false,
    virtualModules: { traitline },
  })
  let loaded: unknown
  try {
    loaded = await jiti.import(file, { default: true })
  } catch (error) {
    if (error instanceof InvalidCall) throw invalidCall(dir, file, error)
    throw isTraitlineError(error) ? error : unloadable(dir, file, error)
  }
  if (!isDefinition(loaded) || loaded.kind !== 'project') {
    throw new TraitlineError({
      code: 'PROJECT_INVALID',
      message: `${relative(dir, file)} has no project as its default export`,
      hint: 'End it with: export default project(name, { assets: [...] })',
      blame: 'user',
    })
  }
  return loaded as Project
}

/** Running a file ends at the first call that is refused: what else may be wrong is told the next time. */
function invalidCall(dir: string, file: string, error: InvalidCall): TraitlineError {
  const at = placeIn(dir, error.stack ?? '')
  const problems = error.problems.map((problem) => ({ ...problem, at }))
  return projectInvalid(`the project in ${relative(dir, file)}`, problems)
}

function unloadable(dir: string, file: string, error: unknown): TraitlineError {
  const [reason = 'unknown reason'] = (error instanceof Error ? error.message : String(error)).split('\n')
  const place = error instanceof Error ? placeIn(dir, error.stack ?? '') : null
  return new TraitlineError({
    code: 'PROJECT_INVALID',
    message: `${place === null ? relative(dir, file) : `${place.file}:${place.line}`} cannot be loaded: ${reason.replaceAll(`${dir}/`, '')}`,
    hint: 'Mend that line; `npx tsc --noEmit` shows all that the compiler finds.',
    blame: 'user',
    cause: error,
  })
}

/** The first frame of the stack that is the user's, its file relative to the project's folder. */
function placeIn(dir: string, stack: string): SourceLocation | null {
  const roots = [dir, realpathSync(dir)]
  for (const line of stack.split('\n')) {
    const at = parseFrame(`\n${line}`)
    const root = roots.find((folder) => at?.file.startsWith(`${folder}/`))
    if (at === null || root === undefined) continue
    const inside = relative(root, at.file)
    if (!inside.split('/').includes('node_modules')) return { file: inside, line: at.line }
  }
  return null
}
