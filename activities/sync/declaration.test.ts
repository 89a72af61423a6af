import { expect, test } from 'vitest'
import { declarationOf } from './declaration.ts'

test('a batch is as large as the object wants it, else as the destination does', () => {
  const operation = { sync_mode: 'append', json_schema: {} } as const
  const catalog = {
    operations: [
      { ...operation, object_name: 'messages' },
      { ...operation, object_name: 'digest', recommended_batch_size: 10_000 },
    ],
    idempotent: false,
    recommended_batch_size: 1,
  }
  expect(declarationOf(catalog, 'digest').limits.rows).toBe(10_000)
  expect(declarationOf(catalog, 'messages').limits.rows).toBe(1)
  expect(declarationOf({ operations: [] }, 'messages').limits.rows).toBe(5_000)
})
