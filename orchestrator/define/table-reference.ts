import type { AssetKey } from '../contract/index.ts'
import { definitionOf, type Definition } from './definition.ts'
import { like } from './shape.ts'

/** An asset with rows in the warehouse: what SQL may name. */
export interface TableReference extends Definition {
  readonly kind: 'source' | 'model' | 'notebook' | 'trait' | 'user_model' | 'audience'
  readonly key: AssetKey
}

export const tableReference = like(
  definitionOf('source', 'model', 'notebook', 'trait', 'user_model', 'audience'),
  "purchases, or warehouse.model('customers')",
)
