import { warehouseQueue, type Scope } from '../contract/index.ts'
import type { ServerOptions } from './deps.ts'

/** Where a run of the project is worked on, and with how many steps at once. */
export function runOptions(
  { warehouse, concurrency }: ServerOptions['runs'],
  scope: Scope,
): { readonly warehouseQueue: string; readonly concurrency: number } {
  return { warehouseQueue: warehouseQueue(warehouse, scope), concurrency }
}
