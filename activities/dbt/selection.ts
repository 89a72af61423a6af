import { basename } from 'node:path'
import type { DbtTestSpec, ModelSpec } from '../../orchestrator/contract/index.ts'

type Selected = Pick<ModelSpec, 'uniqueId' | 'path'>

/**
 * dbt's selectors for exactly these models and tests, for use with `--indirect-selection empty`. A bare name would
 * also select every model in a folder of that name, and a model alone would bring tests of models that are not built.
 */
export function dbtSelection(models: readonly Selected[], tests: readonly Pick<DbtTestSpec, 'uniqueId'>[]): string[] {
  const selectors = [
    ...models.map(({ uniqueId, path }) => {
      const [type, dbtPackage] = parts(uniqueId)
      return `package:${dbtPackage},file:${literal(basename(path))},resource_type:${type}`
    }),
    ...tests.map(({ uniqueId }) => {
      const [type, dbtPackage, name] = parts(uniqueId)
      return `package:${dbtPackage},fqn:${literal(name)},resource_type:${type}`
    }),
  ]
  return [...new Set(selectors)]
}

/** `test.shop.unique_customers_id.9f0c2b`: type, package, name. */
function parts(uniqueId: string): [type: string, dbtPackage: string, name: string] {
  const [type = '', dbtPackage = '', name = ''] = uniqueId.split('.')
  return [type, dbtPackage, name]
}

/** Spaces and commas would split a selector; dbt reads `?` as any one character. */
function literal(name: string): string {
  return name.replace(/[^\w.-]/g, '?')
}
