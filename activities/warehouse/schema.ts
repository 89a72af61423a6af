import type { Warehouse } from './warehouse.ts'

/**
 * Makes a schema if it is not there. In a transaction of its own, so that two long ones never wait for each other or
 * fail over it; looked for first, since a user that may not create schemas may well use one.
 */
export async function ensureSchema(warehouse: Pick<Warehouse, 'query' | 'transaction'>, schema: string): Promise<void> {
  const exists = async (): Promise<boolean> => {
    const text = 'select 1 as found from information_schema.schemata where schema_name = $1'
    return (await warehouse.query({ text, parameters: [schema] })).length > 0
  }
  if (await exists()) return
  const text = `create schema if not exists "${schema.replaceAll('"', '""')}"`
  try {
    await warehouse.transaction([{ text, parameters: [] }])
  } catch (error) {
    if (!(await exists())) throw error
  }
}
