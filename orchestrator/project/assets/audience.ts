import {
  predicateRefs,
  type AssetKey,
  type AudienceSpec,
  type Literal,
  type Predicate,
  type Test,
  type TraitType,
} from '../../contract/index.ts'
import type { Audience } from '../../define/audience.ts'
import type { Trait } from '../../define/trait.ts'
import { baseSpec, checkEntity, ownRelation, type Context, type Draft } from '../context.ts'
import { keyOf } from '../collect.ts'
import { entityContent, populationOf } from '../entities.ts'

export function compileAudience(audience: Audience, context: Context): Draft<AudienceSpec> {
  const { entity, where } = audience
  const refs = where.refs as readonly (Trait | Audience)[]
  checkEntity(audience, entity, refs, context)
  const types = new Map(refs.flatMap((ref) => (ref.kind === 'trait' ? [[keyOf(ref), ref.type] as const] : [])))
  checkTests(where.predicate, types, (reason, fix) => context.report(audience, reason, fix))
  const spec = {
    ...baseSpec(
      'audience',
      audience,
      context,
      [...predicateRefs(where.predicate), populationOf(entity)],
      [{ name: entity.keyColumn, type: entity.keyType }],
    ),
    relation: ownRelation('audience', audience, context),
    entity: entity.name,
    where: where.predicate,
  }
  return { spec, content: { relation: spec.relation, entity: entityContent(entity), where: spec.where } }
}

/** What the compiler tells those who write TypeScript: that values fit the traits that they are compared with. */
function checkTests(
  predicate: Predicate,
  types: ReadonlyMap<AssetKey, TraitType>,
  report: (reason: string, fix: string) => void,
): void {
  const pending: Predicate[] = [predicate]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.op === 'all' || node.op === 'any') pending.push(...node.of)
    else if (node.op === 'not') pending.push(node.of)
    else if (node.op === 'compare') {
      const type = types.get(node.trait)
      const wrong = type === undefined ? undefined : literals(node.test).find((value) => !fits[type.type](value, type))
      if (wrong !== undefined && type !== undefined) {
        report(`it compares ${node.trait}, which is ${type.type}, with ${JSON.stringify(wrong)}`, allowed(type))
      }
    }
  }
}

const fits: Readonly<Record<TraitType['type'], (value: Literal, type: TraitType) => boolean>> = {
  boolean: (value) => typeof value === 'boolean',
  continuous: (value) => typeof value === 'number' && Number.isFinite(value),
  categorical: (value, type) => type.type === 'categorical' && type.categories.includes(value as string),
}

function literals(test: Test): readonly Literal[] {
  if ('value' in test) return [test.value]
  if ('values' in test) return test.values
  return 'from' in test ? [test.from, test.to] : []
}

function allowed(type: TraitType): string {
  return type.type === 'categorical'
    ? `Its categories are ${type.categories.join(', ')}`
    : `Compare it with a ${type.type === 'boolean' ? 'boolean' : 'number'}`
}
