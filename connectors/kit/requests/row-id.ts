import { createHash, randomUUID } from 'node:crypto'
import type { Batch } from '../definition.ts'

/**
 * An id for a row, for vendors that know again what they took: 32 hexadecimal digits, the same when its batch is sent
 * again, another in every other batch. Where the sender names no batches it is new each time.
 */
export function rowId({ id }: Pick<Batch, 'id'>, { ordinal }: { readonly ordinal: number }): string {
  if (id === null) return randomUUID().replaceAll('-', '')
  return createHash('sha256').update(`${id}\0${ordinal}`).digest('hex').slice(0, 32)
}
