import type { AssetKey, Manifest, Scope } from '../contract/index.ts'
import { automatedProject, decideAutomation } from '../plan/index.ts'
import type { Store } from '../store/store.ts'
import type { AutomationDryRun, AutomationList } from './schemas/automation.ts'

interface Subject {
  readonly scope: Scope
  readonly revision: number
  readonly manifest: Manifest
}

/** Each asset with a condition, and what the last evaluation said of it. */
export async function readAutomation(
  { automation }: Pick<Store, 'automation'>,
  { scope, manifest }: Subject,
  assets: readonly AssetKey[] | null = null,
): Promise<AutomationList> {
  const latest = new Map((await automation.latest(scope, assets)).map((row) => [row.asset, row]))
  const wanted = assets === null ? null : new Set(assets)
  const items = manifest.assets.flatMap((spec) =>
    spec.automation === undefined || wanted?.has(spec.key) === false
      ? []
      : [{ asset: spec.key, condition: spec.automation, latest: latest.get(spec.key) ?? null }],
  )
  return { items }
}

/** What an evaluation of everything would decide at this moment. Nothing is kept and nothing started. */
export async function dryRunAutomation(
  { automation }: Pick<Store, 'automation'>,
  { scope, revision, manifest }: Subject,
): Promise<AutomationDryRun> {
  const project = automatedProject(manifest)
  if (project === null) return { revision, items: [] }
  const { decisions } = await automation.read(scope, (reader) =>
    decideAutomation(project, reader, { revision, tick: null, everything: true }),
  )
  const items = decisions.map(({ asset, outcome, summary, tree, nextAt }) => ({
    asset,
    outcome,
    summary,
    tree,
    nextAt,
  }))
  return { revision, items }
}
