import type { EntitySpec, MappedValue, MappedValueOf } from '../../../orchestrator/contract/index.ts'
import { compileCast } from './cast.ts'
import { compileBookkeeping, compileChoice, compileCoalesce, compileList, compileObject } from './compose.ts'
import { compileIdentifier } from './identifier.ts'
import { compileReference } from './references.ts'
import { compileTemplate } from './template.ts'
import type { CompileContext, ReadValue, RunFacts } from './value.ts'

type Compilers = {
  readonly [Type in MappedValue['type']]: (value: MappedValueOf<Type>, context: CompileContext) => ReadValue
}

const compilers: Compilers = {
  key: compileReference,
  trait: compileReference,
  column: compileReference,
  constant:
    ({ value }) =>
    () =>
      value,
  template: compileTemplate,
  cast: compileCast,
  identifier: compileIdentifier,
  coalesce: compileCoalesce,
  choice: compileChoice,
  object: compileObject,
  list: compileList,
  bookkeeping: compileBookkeeping,
}

/** Values compiled once, for many rows. */
export function valueCompiler(entity: EntitySpec, facts: RunFacts): (value: MappedValue) => ReadValue {
  const compile = (value: MappedValue): ReadValue =>
    (compilers[value.type] as (value: MappedValue, context: CompileContext) => ReadValue)(value, context)
  const context: CompileContext = { entity, facts, compile }
  return compile
}
