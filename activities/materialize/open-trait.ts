import type { AssetKey, EntitySpec, PartitionValue, Relation } from '../../orchestrator/contract/index.ts'
import {
  dialectSql,
  readTraitProblems,
  traitColumns,
  traitRows,
  type DialectSql,
  type Fragment,
  type ResultRow,
  type StagedColumn,
} from '../../orchestrator/sql/index.ts'
import type { ProfileColumn } from '../profile/profile.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { Read } from './columns.ts'
import { keyProfile, traitProfile } from './entity.ts'
import { checkColumn, readsOfOrigin, traitInvalid, type TraitJob } from './trait-checks.ts'

/** What making a trait and making partitions of it have in common. */
export interface OpenTrait {
  readonly dialect: DialectSql
  readonly key: EntitySpec['key']
  readonly columns: readonly StagedColumn[]
  /** What its values are made of. */
  readonly reads: readonly Read[]
  readonly profile: readonly ProfileColumn[]
  rows(relationOf: (asset: AssetKey) => Relation, valueOf?: (value: PartitionValue) => Fragment): Fragment
  /** Of a row of `validateTrait`: what does not hold, or null. */
  problemIn(row: ResultRow | undefined): unknown
}

/** Throws where the column that it takes is not there, or of another type. */
export async function openTrait(warehouse: Warehouse, job: TraitJob): Promise<OpenTrait> {
  const { spec, manifest } = job
  const entity = manifest.entity(spec.entity)
  const { key } = entity
  const dialect = dialectSql(warehouse.dialect)
  const reads = readsOfOrigin(job, key.column)
  if (spec.origin.type === 'column') await checkColumn(warehouse, job, spec.origin.column, reads[0] as Read)
  return {
    ...{ dialect, key, reads },
    columns: traitColumns(spec, key),
    profile: [keyProfile(entity), traitProfile(manifest, spec.key)],
    rows: (relationOf, valueOf) => traitRows(dialect, spec, key, relationOf, valueOf),
    problemIn(row) {
      const problems = readTraitProblems(row ?? {}, spec, key)
      return problems.length === 0 ? null : traitInvalid(spec, Number(row?.['rows']), problems)
    },
  }
}
