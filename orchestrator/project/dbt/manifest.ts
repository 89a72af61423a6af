import { z } from 'zod'

/**
 * dbt's manifest.json, as far as it is read: version 12 of its schema, and later ones leniently, since they only ever
 * added to it.
 */
const text = z.string().nullish()

const column = z.object({
  name: z.string(),
  description: text,
  data_type: text,
  meta: z.record(z.string(), z.unknown()).nullish(),
  config: z.object({ meta: z.record(z.string(), z.unknown()).nullish() }).nullish(),
})

const node = z.object({
  unique_id: z.string(),
  name: z.string(),
  resource_type: z.string(),
  package_name: z.string(),
  schema: text,
  alias: text,
  version: z.union([z.string(), z.number()]).nullish(),
  original_file_path: z.string(),
  language: text,
  raw_code: text,
  /** What dbt made of it, where it could without asking a warehouse. */
  compiled_code: text,
  checksum: z.object({ checksum: z.string() }).nullish(),
  description: text,
  group: text,
  tags: z.array(z.string()).nullish(),
  columns: z.record(z.string(), column).nullish(),
  config: z.record(z.string(), z.unknown()).nullish(),
  depends_on: z.object({ macros: z.array(z.string()).nullish(), nodes: z.array(z.string()).nullish() }).nullish(),
  /** Of a generic test: the model that it is written at. */
  attached_node: text,
})

const source = z.object({
  unique_id: z.string(),
  schema: z.string(),
  name: z.string(),
  identifier: text,
  source_name: z.string(),
  original_file_path: z.string(),
})

const macro = z.object({
  package_name: z.string(),
  macro_sql: z.string(),
  depends_on: z.object({ macros: z.array(z.string()).nullish() }).nullish(),
})

const manifest = z.object({
  metadata: z.object({ dbt_schema_version: z.string(), dbt_version: text, adapter_type: text, project_name: text }),
  nodes: z.record(z.string(), node),
  sources: z.record(z.string(), source),
  macros: z.record(z.string(), macro).nullish(),
})

export type DbtNode = z.infer<typeof node>
export type DbtSource = z.infer<typeof source>
export type DbtManifest = z.infer<typeof manifest>

const oldest = 12

/** Answers a reason in words for what is no manifest that can be read. */
export function readDbtManifest(value: unknown): DbtManifest | string {
  const parsed = manifest.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return `its manifest cannot be read at ${issue?.path.join('.') ?? 'the top'}: ${issue?.message ?? 'unknown'}`
  }
  const schema = /\/v(\d+)\.json$/.exec(parsed.data.metadata.dbt_schema_version)?.[1]
  if (schema !== undefined && Number(schema) < oldest) {
    return `its manifest is of version ${schema}, written by dbt ${parsed.data.metadata.dbt_version ?? 'of old'}`
  }
  return parsed.data
}
