import type { ColumnSpec, UserModelSpec } from '../../contract/index.ts'
import type { Trait } from '../../define/trait.ts'
import type { UserModel } from '../../define/user-model.ts'
import { keyOf } from '../collect.ts'
import { baseSpec, checkEntity, ownRelation, type Context, type Draft } from '../context.ts'
import { entityContent, populationOf } from '../entities.ts'
import { valueColumn } from './trait.ts'

/** A trait is described once, where it is defined. */
function columnOf(trait: Trait): ColumnSpec {
  return { ...valueColumn(trait), description: undefined }
}

export function compileUserModel(model: UserModel, context: Context): Draft<UserModelSpec> {
  const { entity } = model
  const traits = [...new Set(model.traits)]
  checkEntity(model, entity, traits, context)
  if (traits.length === 0) context.report(model, 'it has no traits', 'Name at least one')
  const keys = traits.map(keyOf)
  const spec = {
    ...baseSpec(
      'user_model',
      model,
      context,
      [...keys, populationOf(entity)],
      [{ name: entity.keyColumn, type: entity.keyType }, ...traits.map(columnOf)],
    ),
    relation: ownRelation('user_model', model, context),
    entity: entity.name,
    traits: keys,
  }
  return { spec, content: { relation: spec.relation, entity: entityContent(entity), traits: keys } }
}
