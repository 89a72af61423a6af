import { isTraitlineError, TraitlineError } from '../contract/index.ts'
import { loadProject } from '../project/index.ts'
import type { Store } from '../store/index.ts'
import { deployProject, type Deployed } from './deploy-project.ts'
import type { Settings } from './settings.ts'

type Definitions = Awaited<ReturnType<typeof loadProject>>

/** A project that is served: where its code is, and what of it is deployed. */
export interface Location {
  readonly projectDir: string
  readonly deployed: Deployed
}

/**
 * Loads the projects of the settings. One alone has to load. Of several, one that does not is told of and left out: a
 * broken project takes no other down.
 */
export function loadLocations(settings: Settings, say: (line: string) => void): Promise<Map<string, Definitions>> {
  return eachAlive(settings.projectDirs, loadProject, say)
}

/** Deploys what was loaded, by the same rule, and answers what is served. Throws PROJECT_TWICE for two of one name. */
export async function deployLocations(input: {
  readonly definitions: ReadonlyMap<string, Definitions>
  readonly settings: Settings
  readonly warehouseUrl: string
  readonly store: Store
  readonly say: (line: string) => void
}): Promise<Location[]> {
  const { definitions, settings, warehouseUrl, store } = input
  const deploy = (projectDir: string): Promise<Deployed> =>
    deployProject({
      definitions: definitions.get(projectDir) as Definitions,
      settings: { ...settings, projectDir },
      warehouseUrl,
      store,
      deployedBy: null,
    })
  const found = new Map<string, string>()
  const once = async (projectDir: string): Promise<Deployed> => {
    const deployed = await deploy(projectDir)
    const { project } = deployed.scope
    const other = found.get(project)
    if (other !== undefined) throw twice(project, other, projectDir)
    found.set(project, projectDir)
    return deployed
  }
  const deployed = await eachAlive([...definitions.keys()], once, input.say)
  return [...deployed].map(([projectDir, each]) => ({ projectDir, deployed: each }))
}

async function eachAlive<T>(
  folders: readonly string[],
  work: (folder: string) => Promise<T>,
  say: (line: string) => void,
): Promise<Map<string, T>> {
  const done = new Map<string, T>()
  let first: unknown
  for (const folder of folders) {
    try {
      done.set(folder, await work(folder))
    } catch (error) {
      if (folders.length === 1 || !isTraitlineError(error)) throw error
      first ??= error
      say(`left out ${folder}: ${error.code}: ${error.message}\n  fix: ${error.hint}`)
    }
  }
  if (done.size === 0) throw first
  return done
}

function twice(project: string, one: string, other: string): TraitlineError {
  return new TraitlineError({
    code: 'PROJECT_TWICE',
    message: `${one} and ${other} are both called ${project}`,
    hint: 'Give one of them another name in its project(...).',
    blame: 'user',
  })
}
