import type { AssetKey } from './asset-key.ts'

/** Which project of which environment: the scope of every record and workflow. */
export interface Scope {
  readonly environment: string
  readonly project: string
}

/** Task queue of a project's workflows and of activities that need no warehouse. */
export function projectQueue(scope: Scope): string {
  return `traitline/${scope.environment}/${scope.project}`
}

/** Task queue of everything that touches one warehouse; projects on the same warehouse share it. */
export function warehouseQueue(warehouse: string): string {
  return `warehouse/${warehouse}`
}

export function runWorkflowId(scope: Scope, run: string): string {
  return `${scope.environment}/${scope.project}/run/${run}`
}

/**
 * One id per asset, or per dbt project, whatever the run: Temporal then refuses to materialise it twice at once.
 * All groups of a dbt project share the project's id, since two runs may cut the same models into different groups.
 */
export function stepWorkflowId(scope: Scope, step: AssetKey | string): string {
  return `${scope.environment}/${scope.project}/${step.replace(/^(dbt\/[^/]+)\/\d+$/, '$1')}`
}

export const runWorkflowType = 'run'

/** The one evaluation of a project's conditions; open only while there is something to evaluate or a time to wait for. */
export function automationWorkflowId(scope: Scope): string {
  return `${scope.environment}/${scope.project}/automation`
}

export const automationWorkflowType = 'automation'
export const cronTickWorkflowType = 'cronTick'

export const signalNames = { wake: 'wake' } as const

export const queryNames = { progress: 'progress' } as const
