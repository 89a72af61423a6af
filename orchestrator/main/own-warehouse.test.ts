import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../../test/harness/temp.ts'
import { ownWarehouse } from './own-warehouse.ts'

test('a warehouse of one process has one worker; another waits for its end, and says whom it waited for', async () => {
  const warehouse = { id: 'duckdb-shop', ownerFile: join(await tempDir(), 'not there yet/shop.duckdb.worker') }
  const release = await ownWarehouse(warehouse)
  await expect(ownWarehouse(warehouse, undefined, 0)).rejects.toMatchObject({
    code: 'WAREHOUSE_OWNED',
    message: expect.stringContaining(String(process.pid)) as string,
  })
  const next = ownWarehouse(warehouse)
  await release()
  await (
    await next
  )()
})

test('a warehouse that is a server has any number of workers', async () => {
  const warehouse = { id: 'postgres-shop', ownerFile: null }
  await ownWarehouse(warehouse)
  await (
    await ownWarehouse(warehouse)
  )()
})
