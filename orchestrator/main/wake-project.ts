import type { Scope } from '../contract/index.ts'
import { connectTemporal, wakeQuietly } from '../launch/index.ts'
import type { Connections } from './connections.ts'

/** Has conditions looked at after the record was changed. Without Temporal they are, with whatever happens next. */
export async function wakeProject({ temporal }: Connections, scope: Scope): Promise<void> {
  const connection = await connectTemporal(temporal).catch(() => null)
  if (connection === null) return
  await wakeQuietly(connection.client, scope)
  await connection.close()
}
