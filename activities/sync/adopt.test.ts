import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freshDatabase } from '../../test/harness/postgres.ts'
import { tempDir } from '../../test/harness/temp.ts'
import { prepareSync, readLedger } from '../../orchestrator/sql/sync-ledger.ts'
import { syncTables } from '../../orchestrator/sql/sync-names.ts'
import { createWarehouse } from '../warehouse/create-warehouse.ts'
import { adoptTables } from './adopt.ts'
import type { SyncDeps } from './deps.ts'
import type { SyncSetup } from './setup.ts'

const signal = new AbortController().signal
const plain = (text: string) => ({ text, parameters: [] })

test.each(['duckdb', 'postgres'] as const)('a renamed sync goes on with its ledger: %s', async (dialect) => {
  const home = await tempDir()
  const database = await freshDatabase()
  onTestFinished(database.drop)
  const url = dialect === 'postgres' ? database.url : `duckdb:${join(home, 'shop.duckdb')}`
  const warehouse = createWarehouse({ url, home })
  onTestFinished(() => warehouse.close())
  const deps = { warehouse } as unknown as SyncDeps
  const setup = (name: string, formerly?: string): SyncSetup =>
    ({
      spec: { formerly },
      tables: syncTables('traitline_shop', name),
      projectSchema: 'traitline_shop',
    }) as unknown as SyncSetup

  const old = setup('to_crm')
  await warehouse.transaction(prepareSync(old.tables, dialect), { signal })
  const delivered = (tables: SyncSetup['tables']) => `"${tables.schema}"."${tables.delivered.name}"`
  await warehouse.transaction([plain(`insert into ${delivered(old.tables)} (key) values ('a'), ('b')`)], { signal })

  const renamed = setup('to_sales', 'sync/to_crm')
  await adoptTables(deps, renamed, signal)
  await adoptTables(deps, renamed, signal)
  await warehouse.transaction(prepareSync(renamed.tables, dialect), { signal })
  const [count] = await warehouse.query(plain(`select count(*) as rows from ${delivered(renamed.tables)}`), { signal })
  expect(Number(count?.['rows'])).toBe(2)
  expect(await warehouse.query(readLedger(renamed.tables), { signal })).toHaveLength(1)
  expect(await warehouse.describe(old.tables.ledger, { signal })).toBeNull()

  // One that never was anything has nothing to take over, and one that was not renamed looks for nothing.
  await adoptTables(deps, setup('to_new', 'sync/to_nothing'), signal)
  await adoptTables(deps, setup('to_other'), signal)
  expect(await warehouse.describe(syncTables('traitline_shop', 'to_new').ledger, { signal })).toBeNull()
})
