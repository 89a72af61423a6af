import {
  destinationPool,
  everyWarehouse,
  isRunTag,
  poolNamePattern,
  reservedPools,
  runsPool,
  runTagRule,
  type AssetSpec,
  type PoolLimit,
} from '../contract/index.ts'
import type { Destination } from '../define/destination.ts'
import type { ByEnvironment } from '../define/per-environment.ts'
import type { Project } from '../define/project.ts'
import type { Context } from './context.ts'

/** The limits that a project declares: of its pools, of each destination that has one, and of its runs. */
export function compilePools(project: Project, destinations: readonly Destination[], context: Context): PoolLimit[] {
  const { pools, runQueue } = project
  const limits: PoolLimit[] = []
  const add = (of: Project | Destination, pool: string, value: ByEnvironment<number>): void => {
    const slots = context.resolve(of, value)
    if (slots !== null) limits.push({ pool, slots })
  }
  for (const [name, slots] of Object.entries(pools)) {
    if (name === 'runs' || !poolNamePattern.test(name)) {
      const fix = name === 'runs' ? 'Limit runs with runQueue' : 'Use lower-case letters, digits and underscores'
      context.report(project, `its pool "${name}" has a name that is not for pools`, fix)
    } else add(project, name === 'warehouse' ? everyWarehouse : name, slots)
  }
  for (const destination of destinations) {
    const pool = destinationPool(project.name, destination.name)
    if (destination.concurrency !== null) add(destination, pool, destination.concurrency)
  }
  if (runQueue.limit !== undefined) add(project, runsPool(project.name), runQueue.limit)
  for (const { key, value, limit } of runQueue.tags ?? []) {
    const pool = runsPool(project.name, { key, value: value ?? null })
    if (limits.some((other) => other.pool === pool)) {
      context.report(
        project,
        `runQueue limits the tag ${key}${value === undefined ? '' : `=${value}`} twice`,
        'Keep one',
      )
    } else if (!isRunTag(key, value ?? 'x')) {
      context.report(project, `runQueue limits the tag "${key}", which no run can have`, runTagRule)
    } else add(project, pool, limit)
  }
  return limits.sort((a, b) => (a.pool < b.pool ? -1 : 1))
}

/** What assets ask for has to be there: a misspelt pool would be one without a limit. */
export function checkAssets(
  specs: readonly Omit<AssetSpec, 'codeVersion'>[],
  project: Project,
  context: Context,
): void {
  for (const { key, definedAt, pools = [] } of specs) {
    const report = (reason: string, fix: string): void =>
      context.problems.add({ name: key, at: definedAt, reason, fix })
    for (const pool of pools) {
      if (reservedPools.includes(pool))
        report(`its pool ${pool} is not for assets to name`, 'Give the pool another name')
      else if (!Object.hasOwn(project.pools, pool)) {
        const known = Object.keys(project.pools).join(', ')
        report(
          `the project has no pool ${pool}${known === '' ? '' : `, only ${known}`}`,
          `Add it to the project: pools: { ${pool}: 4 }`,
        )
      }
    }
    if (new Set(pools).size !== pools.length) report('it names a pool twice', 'Name each once')
  }
}
