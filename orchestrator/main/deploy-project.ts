import { missingInWords, missingVariables, type Manifest, type ManifestDiff, type Scope } from '../contract/index.ts'
import { compileProject, createDbtParser, diffManifests, type loadProject } from '../project/index.ts'
import type { Store } from '../store/index.ts'
import type { Settings } from './settings.ts'
import { count, line } from './output.ts'

export interface Deployed {
  readonly scope: Scope
  readonly revision: number
  readonly manifest: Manifest
  readonly diff: ManifestDiff
  /** False if the project is what the latest revision holds. */
  readonly created: boolean
  /** The revision before, if there is one. */
  readonly before: Manifest | null
}

/** Compiles the project of the settings and stores it as a revision. Nothing is stored if it does not compile. */
export async function deployProject(
  input: Parameters<typeof compileSettingsProject>[0] & { readonly store: Store; readonly deployedBy: string | null },
): Promise<Deployed> {
  const { settings, store, deployedBy } = input
  const { manifest, hash, code } = await compileSettingsProject(input)
  const scope = { environment: settings.environment, project: manifest.project }
  const before = await store.revisions.latest(scope)
  const diff = diffManifests(before?.manifest ?? null, manifest)
  const { number, created } = await store.revisions.deploy({
    scope,
    manifest,
    manifestHash: hash,
    diff,
    deployedBy,
    code,
  })
  return { scope, revision: number, manifest, diff, created, before: before?.manifest ?? null }
}

export async function compileSettingsProject(input: {
  /** What `loadProject` answers for the project's folder. */
  readonly definitions: Awaited<ReturnType<typeof loadProject>>
  readonly settings: Settings
  readonly warehouseUrl: string
}): ReturnType<typeof compileProject> {
  const { definitions, warehouseUrl } = input
  const { projectDir, home, dbtExecutable, environment } = input.settings
  const adapter = warehouseUrl.startsWith('duckdb:') ? 'duckdb' : 'postgres'
  const dbt = createDbtParser({ dbtExecutable, home, adapter })
  return compileProject({ dir: projectDir, definitions, dbt, environment })
}

/** What the destinations need and this process does not have. The worker may: it is a warning. */
export function warnOfMissing(
  manifest: Manifest,
  settings: Settings,
  ofStack: Readonly<Record<string, string>> = {},
): void {
  const isSet = (name: string): boolean => (settings.secret(name) ?? ofStack[name]) !== undefined
  const missing = missingVariables(manifest, isSet)
  if (missing.length === 0) return
  process.stderr.write(
    `warning: not set here: ${missingInWords(missing)}\n  fix: Set them where the worker starts; a run that needs one does not begin without it.\n`,
  )
}

/** What `deploy --json` prints. */
export function deployedJson({ scope, revision, manifest, diff, created }: Omit<Deployed, 'before'>): string {
  return JSON.stringify({ ...scope, revision, created, assets: manifest.assets.length, diff }, null, 2)
}

export function printDeployed({ scope, revision, manifest, diff, created }: Omit<Deployed, 'before'>): void {
  const assets = count(manifest.assets.length, 'asset')
  if (!created) return line(`revision ${revision} of ${scope.project} (${scope.environment}) is current: ${assets}`)
  line(`revision ${revision} of ${scope.project} (${scope.environment}): ${assets}`)
  const first = diff.added.length === manifest.assets.length
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ['+', first ? [] : diff.added],
    ['-', diff.removed],
    ['~', diff.changed],
    ['"', diff.described],
    ['*', diff.settings],
  ]
  for (const { from, to } of diff.renamed ?? []) {
    const relation = manifest.assets.find(({ key }) => key === to)?.relation ?? null
    const table =
      relation === null
        ? ''
        : `; it is made anew as ${relation.schema}.${relation.name}, the old table stays until you drop it`
    line(`  > ${to} was ${from} and keeps its history${table}`)
  }
  for (const [sign, items] of parts) for (const item of items) line(`  ${sign} ${item}`)
}
