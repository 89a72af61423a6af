import { join } from 'node:path'
import { isTraitlineError, type JsonObject } from '../../contract/index.ts'
import type { Dbt } from '../../define/dbt.ts'
import type { Context } from '../context.ts'
import { readDbtManifest } from './manifest.ts'
import { refuseVariables } from '../variables.ts'
import type { ParsedDbt } from './nodes.ts'
import { dbtVars, type ParseDbt } from './parse.ts'
import { projectVars } from './versions.ts'

/** Parses dbt projects side by side. One that cannot be read is reported, and missing from the answer. */
export async function parseAll(
  dir: string,
  definitions: readonly Dbt[],
  parse: ParseDbt,
  context: Context,
): Promise<ParsedDbt[]> {
  const parsed = await Promise.all(definitions.map((definition) => parseOne(dir, definition, parse, context)))
  return parsed.filter((dbt) => dbt !== null)
}

/** Schema and variables as they are in the environment that is compiled for. */
export function dbtSettings(definition: Dbt, context: Context): { readonly schema: string; readonly vars: JsonObject } {
  const { schema, vars } = definition
  return { schema: context.resolve(definition, schema), vars: context.resolve(definition, vars) as JsonObject }
}

async function parseOne(dir: string, definition: Dbt, parse: ParseDbt, context: Context): Promise<ParsedDbt | null> {
  const { name, path } = definition
  const yml = context.readText(join(path, 'dbt_project.yml'))
  if (yml === null) {
    context.report(
      definition,
      `there is no dbt_project.yml in ${path}`,
      'Paths are relative to the folder of traitline.ts',
    )
    return null
  }
  const { asOf, timeZone } = context.settings
  const { schema, vars: own } = dbtSettings(definition, context)
  refuseVariables(definition, 'vars', own, "Read it in the dbt project with env_var('NAME')", context)
  const vars = dbtVars(own, asOf, timeZone)
  try {
    const manifest = readDbtManifest(await parse({ name, directory: join(dir, path), schema, vars }))
    if (typeof manifest !== 'string') return { definition, manifest, vars: { vars, file: projectVars(yml) } }
    context.report(definition, manifest, 'Use dbt-core 1.8 or newer')
  } catch (error) {
    if (!isTraitlineError(error) || error.blame !== 'user') throw error
    context.report(definition, error.message, error.hint.replace(/\.$/, ''))
  }
  return null
}
