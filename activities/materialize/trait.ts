import {
  TraitlineError,
  type ColumnType,
  type StepInput,
  type StepOutcome,
  type TraitSpec,
  type TraitType,
} from '../../orchestrator/contract/index.ts'
import {
  dialectSql,
  readTraitProblems,
  stageTrait,
  traitColumns,
  validateTrait,
  type TraitProblem,
} from '../../orchestrator/sql/index.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { buildTable } from './build-table.ts'
import { requireColumns, type Read } from './columns.ts'
import type { MaterializeDeps } from './deps.ts'
import { keyProfile, traitProfile } from './entity.ts'
import { materializeAsset, type Job } from './materialize-asset.ts'

/** Computes a trait's values, holds them against its declaration, and puts them in place. */
export function materializeTrait(deps: MaterializeDeps, input: StepInput): Promise<StepOutcome> {
  return materializeAsset(deps, input, 'trait', async (job) => {
    const { warehouse } = deps
    const { spec, manifest, signal } = job
    const entity = manifest.entity(spec.entity)
    const { key } = entity
    const dialect = dialectSql(warehouse.dialect)
    const reads = readsOfOrigin(job, key.column)
    if (spec.origin.type === 'column') await checkColumn(warehouse, job, spec.origin.column, reads[0] as Read)
    return buildTable(warehouse, job, {
      columns: traitColumns(spec, key),
      stage: stageTrait(dialect, spec, key, manifest.relation),
      reads,
      check: async () => {
        const [row] = await warehouse.query(validateTrait(dialect, spec, key), { signal })
        const problems = readTraitProblems(row ?? {}, spec, key)
        if (problems.length > 0) throw traitInvalid(spec, Number(row?.['rows']), problems)
      },
      profile: [keyProfile(entity), traitProfile(manifest, spec.key)],
    })
  })
}

/** Which columns a trait may be read from. Texts are not guessed at: a cast belongs where the column is made. */
const readable: Readonly<Record<TraitType['type'], readonly ColumnType[]>> = {
  boolean: ['boolean'],
  continuous: ['number', 'integer'],
  categorical: ['text', 'boolean', 'integer'],
}

/** The column that it takes; of what its SQL reads only the tables are known. */
function readsOfOrigin({ spec, manifest }: Job<TraitSpec>, key: string): Read[] {
  const { origin } = spec
  const refs = origin.type === 'column' ? [origin.asset] : origin.sql.refs
  const columns = origin.type === 'column' ? [origin.column, key] : []
  return refs.map((from) => ({ from, relation: manifest.relation(from), columns }))
}

async function checkColumn(
  warehouse: Warehouse,
  { spec, signal }: Job<TraitSpec>,
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

function traitInvalid(spec: TraitSpec, rows: number, problems: readonly TraitProblem[]): TraitlineError {
  const count = (n: number): string => n.toLocaleString('en-US')
  const found = problems.map((problem) => `${count(problem.rows)} ${problem.words}`)
  return new TraitlineError({
    code: 'TRAIT_INVALID',
    message: `${spec.key} does not hold what it declares: of ${count(rows)} rows ${found.join(', ')}. Its old table stays`,
    hint: problems.map(({ fix }) => fix).join(' '),
    blame: 'user',
  })
}
