import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'
import { packageRoot } from '../../orchestrator/process/index.ts'

/** What the Airbyte protocol's own declaration says against a value of one of its types; empty if nothing. */
export function airbyteErrors(type: string, value: unknown): string[] {
  const validate = ajv().getSchema(`airbyte#/definitions/${type}`)
  if (validate === undefined) throw new Error(`the protocol has no ${type}`)
  if (validate(value) === true) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

let cached: Ajv | undefined

function ajv(): Ajv {
  if (cached !== undefined) return cached
  const text = readFileSync(join(packageRoot(), 'connectors/protocol/contract/airbyte_protocol.yaml'), 'utf8')
  // One of its mappings names a member twice.
  const schema = parse(text, { uniqueKeys: false }) as object
  cached = new Ajv({ strict: false, logger: false })
  addFormats.default(cached)
  cached.addSchema({ ...schema, $id: 'airbyte' })
  return cached
}
