import type { AssetKey } from './asset-key.ts'

/** Which project of which environment: the scope of every record and workflow. */
export interface Scope {
  readonly environment: string
  readonly project: string
}

/** Task queue of a project's own workflows, such as its automation, and of activities that need no warehouse. */
export function projectQueue(scope: Scope): string {
  return `traitline/${scope.environment}/${scope.project}`
}

/**
 * Task queue of a project's runs, and of everything that touches the warehouse for it. Each project has its own, so that
 * no worker takes the work of a project whose files it has not; whoever owns a DuckDB file works on those of all its
 * projects.
 */
export function warehouseQueue(warehouse: string, { environment, project }: Scope): string {
  return `${warehousePool(warehouse)}/${environment}/${project}`
}

/** Name of a warehouse's own pool of slots, which all projects on it share. */
export function warehousePool(warehouse: string): string {
  return `warehouse/${warehouse}`
}

/** The same, by the queue of one of its projects. */
export function poolOfQueue(queue: string, { environment, project }: Scope): string {
  const suffix = `/${environment}/${project}`
  return queue.endsWith(suffix) ? queue.slice(0, -suffix.length) : queue
}

export function runWorkflowId(scope: Scope, run: string): string {
  return `${scope.environment}/${scope.project}/run/${run}`
}

/**
 * One id per asset, or per dbt project, whatever the run: Temporal then refuses to materialise it twice at once.
 * All groups of a dbt project, and partitions of its models (`dbt/shop/customers@2026-11-24`), share the project's id,
 * since two runs may cut the same models into different groups.
 */
export function stepWorkflowId(scope: Scope, step: AssetKey | string): string {
  return `${scope.environment}/${scope.project}/${step.replace(/^(dbt\/[^/]+)\/(?:\d+|[^/]+@.*)$/, '$1')}`
}

/** Name of the worker deployment that a project's versioned workers are of. */
export function deploymentName({ environment, project }: Scope): string {
  return `traitline-${environment}-${project}`
}

export const runWorkflowType = 'run'

/** The one evaluation of a project's conditions; open only while there is something to evaluate or a time to wait for. */
export function automationWorkflowId(scope: Scope): string {
  return `${scope.environment}/${scope.project}/automation`
}

export const automationWorkflowType = 'automation'
export const cronTickWorkflowType = 'cronTick'
export const pollSensorWorkflowType = 'pollSensor'
export const deliverWebhookWorkflowType = 'deliverWebhook'

export const signalNames = { wake: 'wake' } as const

export const queryNames = { progress: 'progress' } as const
