import type { Migration } from './migration.ts'
import { record } from './0001-record.ts'

/** In the order of their numbers, without gaps from 1. */
export const migrations: readonly Migration[] = [record]

/** The version of the schema that this code reads and writes. */
export const schemaVersion = migrations.length
