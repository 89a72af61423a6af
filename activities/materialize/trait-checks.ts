import { TraitlineError, type ColumnType, type TraitSpec, type TraitType } from '../../orchestrator/contract/index.ts'
import type { TraitProblem } from '../../orchestrator/sql/index.ts'
import type { ManifestIndex } from '../runtime/index.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { requireColumns, type Read } from './columns.ts'

/** Of the making of a trait, or of partitions of it, what is looked at here. */
export interface TraitJob {
  readonly spec: TraitSpec
  readonly manifest: ManifestIndex
  readonly signal: AbortSignal
}

/** Which columns a trait may be read from. Texts are not guessed at: a cast belongs where the column is made. */
const readable: Readonly<Record<TraitType['type'], readonly ColumnType[]>> = {
  boolean: ['boolean'],
  continuous: ['number', 'integer'],
  categorical: ['text', 'boolean', 'integer'],
}

/** The column that it takes; of what its SQL reads only the tables are known. */
export function readsOfOrigin({ spec, manifest }: TraitJob, key: string): Read[] {
  const { origin } = spec
  const refs = origin.type === 'column' ? [origin.asset] : origin.sql.refs
  const columns = origin.type === 'column' ? [origin.column, key] : []
  return refs.map((from) => ({ from, relation: manifest.relation(from), columns }))
}

export async function checkColumn(
  warehouse: Warehouse,
  { spec, signal }: TraitJob,
  column: string,
  read: Read,
): Promise<void> {
  const [found] = await requireColumns(warehouse, spec.key, read, { signal })
  const types = readable[spec.trait.type]
  if (found === undefined || types.includes(found.type)) return
  throw new TraitlineError({
    code: 'TRAIT_TYPE_MISMATCH',
    message: `${spec.key} is ${spec.trait.type}, and ${column} of ${read.from} is of type ${found.type}`,
    hint: `Cast the column in ${read.from} to ${types.join(' or ')}, or declare the trait as what it is.`,
    blame: 'user',
  })
}

export function traitInvalid(spec: TraitSpec, rows: number, problems: readonly TraitProblem[]): TraitlineError {
  const count = (n: number): string => n.toLocaleString('en-US')
  const found = problems.map((problem) => `${count(problem.rows)} ${problem.words}`)
  return new TraitlineError({
    code: 'TRAIT_INVALID',
    message: `${spec.key} does not hold what it declares: of ${count(rows)} rows ${found.join(', ')}. Its old table stays`,
    hint: problems.map(({ fix }) => fix).join(' '),
    blame: 'user',
  })
}
