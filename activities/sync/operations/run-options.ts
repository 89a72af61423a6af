import { generateKeyPairSync } from 'node:crypto'
import { sendsSome, type SyncRunOptions, TraitlineError } from '../../../orchestrator/contract/index.ts'
import type { RunPart } from '../../../orchestrator/sql/sync-excepted.ts'
import { readSealingKey, writeSealingKey } from '../../../orchestrator/sql/sync-ledger.ts'
import type { SyncTables } from '../../../orchestrator/sql/sync-names.ts'
import { unseal } from '../../../orchestrator/store/seal.ts'
import type { Store } from '../../../orchestrator/store/store.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'

/** What is asked of a run, and in which of the rows that differ that results. */
export interface Asked {
  readonly options: SyncRunOptions
  readonly part: RunPart
  /** Only some of the rows that differ are sent. */
  readonly some: boolean
}

interface Sources {
  readonly warehouse: Warehouse
  readonly store: { readonly runs: Pick<Store['runs'], 'get'>; readonly results: Pick<Store['results'], 'get'> }
  readonly clock: () => Date
}

export async function optionsOf({ store }: Pick<Sources, 'store'>, run: string): Promise<SyncRunOptions> {
  return (await store.runs.get(run))?.sync ?? {}
}

/** @param anew All is tried, whatever was rejected when. */
export async function askedOf(
  sources: Sources,
  tables: SyncTables,
  sync: string,
  options: SyncRunOptions,
  anew: boolean,
): Promise<Asked> {
  const { limit, failed, code, sealedRow } = options
  const key = sealedRow === undefined ? undefined : await openRow(sources, tables, sync, sealedRow)
  return {
    options,
    some: sendsSome(options),
    part: {
      now: anew ? null : sources.clock().toISOString(),
      ...(limit !== undefined && { limit }),
      ...(failed !== undefined && { failed }),
      ...(code !== undefined && { code }),
      ...(key !== undefined && { key }),
    },
  }
}

/**
 * The public key with which a row's key is sealed for this sync. The private one is in the warehouse, where the rows
 * are: neither the record nor a history can be read for it.
 */
export async function sealingKey(warehouse: Warehouse, tables: SyncTables, signal: AbortSignal): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  await warehouse.transaction(writeSealingKey(tables, { publicKey, privateKey }), { signal })
  const [row] = await warehouse.query(readSealingKey(tables), { signal })
  return String(row?.['public_key'])
}

async function openRow({ warehouse, store }: Sources, tables: SyncTables, sync: string, id: string): Promise<string> {
  const [found, [row]] = await Promise.all([store.results.get(id), warehouse.query(readSealingKey(tables))])
  const privateKey = row?.['private_key']
  if (found?.sealed == null || typeof privateKey !== 'string') throw rowGone(sync)
  try {
    return unseal(found.sealed, privateKey)
  } catch {
    throw rowGone(sync)
  }
}

function rowGone(sync: string): TraitlineError {
  return new TraitlineError({
    code: 'SYNC_ROW_GONE',
    message: `${sync}: which row to send is not known any more; it is kept for a quarter of an hour`,
    hint: `Ask again: traitline sync send ${sync} --row KEY`,
    blame: 'user',
  })
}
