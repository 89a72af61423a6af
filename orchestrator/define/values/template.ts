import { checkArguments } from '../check.ts'
import type { ColumnRef, OpenColumn } from '../column.ts'
import type { Definition } from '../definition.ts'
import type { EntityOf, FilledBy, MapValue } from '../map-value.ts'
import { recordOf, text } from '../shape.ts'
import { reference } from './shapes.ts'

const variablesShape = recordOf('keys of entities, traits and columns', reference)

export interface Template<Entity extends string = string> extends MapValue<Entity, FilledBy<'template'>> {
  readonly kind: 'template'
  readonly template: string
  readonly variables: Readonly<Record<string, TemplateVariable<Entity>>>
}

/** What a template's variable may stand for: the entity's key, a trait, or a column. */
export type TemplateVariable<Entity extends string = string> =
  (MapValue<Entity> & ({ readonly kind: 'key' } | (Definition & { readonly kind: 'trait' }))) | ColumnRef | OpenColumn

/**
 * Text made by a Liquid template. Each variable is the entity's key, a trait or a column; one that the text uses and
 * `variables` lacks is reported when the project is compiled.
 *
 * ```ts
 * template('{{ id }} has spent {{ spent | round: 2 }}', { id: customer.key, spent: lifetimeValue })
 * ```
 */
export function template(liquid: string): Template<never>
export function template<Variables extends Readonly<Record<string, TemplateVariable>>>(
  liquid: string,
  variables: Variables,
): Template<EntityOf<Variables[keyof Variables]>>
export function template(liquid: string, variables: Readonly<Record<string, TemplateVariable>> = {}): Template {
  checkArguments('template', { text, variables: variablesShape }, { text: liquid, variables })
  return Object.freeze({
    kind: 'template',
    valueType: 'template',
    template: liquid,
    variables: Object.freeze({ ...variables }),
  })
}
