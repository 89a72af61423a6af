import {
  TraitlineError,
  type CronTick,
  type EvaluationResult,
  type Manifest,
  type Scope,
} from '../../orchestrator/contract/index.ts'
import { automatedProject, decideAutomation, type AutomatedProject } from '../../orchestrator/plan/index.ts'
import type { AutomationDeps } from './deps.ts'
import { startRequests } from './start-requests.ts'

/** Two evaluations of a project at once are rare: one of them begins anew. */
const mostAttempts = 10

export async function evaluateAutomation(
  deps: AutomationDeps,
  { tick, ...scope }: Scope & { readonly tick: CronTick | null },
): Promise<EvaluationResult> {
  for (let attempt = 1; !(await evaluateOnce(deps, scope, tick)); attempt++) {
    if (attempt === mostAttempts) throw contended(scope)
  }
  await startRequests(deps, scope)
  const { automation } = deps.store
  return {
    nextAt: await automation.nextAt(scope),
    runs: tick === null ? [] : await automation.runsOfTick(scope, tick.cron, tick.at),
  }
}

/** False if another evaluation came first. */
async function evaluateOnce(deps: AutomationDeps, scope: Scope, tick: CronTick | null): Promise<boolean> {
  const [latest] = await deps.store.revisions.list(scope, { limit: 1 })
  if (latest === undefined) return true
  const revision = latest.number
  const project = projectOf(await deps.manifests(scope, revision))
  if (project === null) return true
  const { news, ticks, decisions } = await deps.store.automation.read(scope, (reader) =>
    decideAutomation(project, reader, { revision, tick }),
  )
  const targets = decisions.filter(({ outcome }) => outcome === 'requested').map(({ asset }) => asset)
  const run = {
    ...{ run: deps.newRunId(), revision, selection: targets.join(', '), targets, force: false },
    ...(tick !== null && { scheduledAt: tick.at }),
  }
  return deps.store.automation.commit({
    ...{ scope, last: news.last, sequence: news.sequence, now: news.now, revision, ticks, decisions },
    request: targets.length === 0 ? null : run,
  })
}

const projects = new WeakMap<Manifest, AutomatedProject | null>()

function projectOf(manifest: Manifest): AutomatedProject | null {
  if (!projects.has(manifest)) projects.set(manifest, automatedProject(manifest))
  return projects.get(manifest) ?? null
}

function contended({ project, environment }: Scope): TraitlineError {
  return new TraitlineError({
    code: 'AUTOMATION_BUSY',
    message: `${mostAttempts} evaluations of ${project} (${environment}) in a row were overtaken by others`,
    hint: 'It is tried again by itself.',
    blame: 'system',
  })
}
