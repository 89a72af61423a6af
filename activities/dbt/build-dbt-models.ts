import { Context } from '@temporalio/activity'
import { join, resolve } from 'node:path'
import {
  TraitlineError,
  type AssetKey,
  type AssetOutcome,
  type DbtProjectSpec,
  type JsonObject,
  type Manifest,
  type ModelSpec,
  type StepInput,
  type StepOutcome,
} from '../../orchestrator/contract/index.ts'
import { manifestIndex, openStepLog, withHeartbeat } from '../runtime/index.ts'
import type { DbtDeps } from './deps.ts'
import { fatesOf } from './fates.ts'
import { decideGroup, testsOf } from './group.ts'
import { invokeDbt, type InvocationEnd } from './invoke.ts'
import { recordFates } from './record-fates.ts'
import { dbtSelection } from './selection.ts'
import { tellProgress } from './progress.ts'

/**
 * Builds the stale models of a group in one invocation of dbt, and records each: the models that were built with
 * their tests as checks, the others with the reason. A model that fails is an outcome; only what keeps dbt itself
 * from working is an error.
 */
export async function buildDbtModels(deps: DbtDeps, input: StepInput): Promise<StepOutcome> {
  const { assets } = deps.store
  const keys = input.step.assets.map((asset) => asset.key)
  return withHeartbeat(async (signal) => {
    const manifest = await deps.manifests(input, input.revision)
    const index = manifestIndex(manifest)
    const specs = keys.map((key) => index.assetOf('model', key))
    const reads = specs.flatMap((spec) => [spec.key, ...spec.deps, ...spec.tests.flatMap((test) => test.reads)])
    const [{ recorded, states }, warehouse] = await Promise.all([
      assets.startStep(input, keys, Context.current().info.attempt, [...new Set(reads)]),
      deps.warehouse.identity(),
    ])
    const remaining = new Set(without(keys, recorded))
    if (remaining.size === 0) return { assets: recorded }

    const models = specs.filter(({ key }) => remaining.has(key))
    const { build, settled } = decideGroup(models, states, { warehouse, force: input.force })
    await assets.recordOutcomes(input, input.run, settled)
    if (build.length > 0) {
      const tests = testsOf(build, states, warehouse)
      const startedAt = deps.clock()
      const { results, unfinished } = await invoke(deps, input, manifest, build, dbtSelection(build, tests), signal)
      signal.throwIfAborted()
      const fates = fatesOf(build, results, unfinished)
      await recordFates(deps, input, { index, fates, states, warehouse, startedAt, signal })
    }
    return { assets: await assets.outcomes(input.run, keys) }
  })
}

export async function invoke(
  deps: DbtDeps,
  input: StepInput,
  manifest: Manifest,
  build: readonly ModelSpec[],
  selection: readonly string[],
  signal: AbortSignal,
  more: JsonObject = {},
): Promise<InvocationEnd> {
  const dbtProject = dbtProjectOf(manifest, build)
  const log = openStepLog(deps.store.logs, input, deps.clock)
  const progress = tellProgress(deps, input, build)
  try {
    return await deps.warehouse.lease(
      (access) =>
        invokeDbt({
          executable: deps.dbtExecutable,
          environment: deps.environment,
          projectDir: resolve(deps.projectDir(input), dbtProject.path),
          folder: join(deps.home, 'dbt', input.environment, input.project, dbtProject.name),
          access,
          dbtProject,
          vars: { ...dbtProject.vars, ...ownVars(manifest), ...more },
          selection,
          signal,
          onLine: (line) => {
            if (line.text !== '') log.write(line.error ? 'stderr' : 'stdout', line.text)
            if (line.node !== null) progress.node(line.node.uniqueId, line.node.status)
          },
        }),
      signal,
    )
  } finally {
    await Promise.all([log.close(), progress.close()])
  }
}

function dbtProjectOf(manifest: Manifest, build: readonly ModelSpec[]): DbtProjectSpec {
  const name = build[0]?.dbtProject
  const found = manifest.dbtProjects.find((dbtProject) => dbtProject.name === name)
  if (found !== undefined) return found
  throw new TraitlineError({
    code: 'MANIFEST_INCONSISTENT',
    message: `The manifest of project ${manifest.project} has models of ${name}, but no dbt project of that name`,
    hint: 'Deploy the project again.',
    blame: 'config',
  })
}

/**
 * What Traitline tells every dbt project: `traitline_as_of`, "now" in ISO 8601 (the project's asOf, or the moment at
 * which the step was scheduled), and `traitline_time_zone`. dbt parses all files again when a variable changes.
 */
function ownVars(manifest: Manifest): { readonly traitline_as_of: string; readonly traitline_time_zone: string } {
  const scheduled = new Date(Context.current().info.scheduledTimestampMs)
  return {
    traitline_as_of: manifest.asOf ?? scheduled.toISOString(),
    traitline_time_zone: manifest.timeZone,
  }
}

function without(keys: readonly AssetKey[], outcomes: readonly AssetOutcome[]): AssetKey[] {
  const ended = new Set(outcomes.map((outcome) => outcome.asset))
  return keys.filter((key) => !ended.has(key))
}
