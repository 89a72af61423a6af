import type { FilesConfig } from '../config.ts'
import { csv } from './csv.ts'
import type { Format } from './format.ts'
import { jsonl } from './jsonl.ts'
import { parquet } from './parquet.ts'

export const formats: Readonly<Record<FilesConfig['format'], Format>> = { csv, jsonl, parquet }
