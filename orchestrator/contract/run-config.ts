import type { AssetKey } from './asset-key.ts'
import { TraitlineError } from './errors.ts'
import type { JsonObject, JsonValue } from './json.ts'
import type { AssetSpec, NotebookSpec } from './spec.ts'

/**
 * Parameters of notebooks for one run, by asset: each stands in the place of the one of the same name in the
 * definition. What is made with others than the definition's is stale afterwards, since it is not what is defined.
 */
export type RunConfig = Readonly<Record<AssetKey, JsonObject>>

/**
 * That each name is one of the notebook's parameters and each value of its default's type, and that the run makes it.
 * @throws TraitlineError RUN_CONFIG_INVALID
 */
export function checkRunConfig(config: RunConfig, assets: readonly AssetSpec[], targets: readonly AssetKey[]): void {
  const known = new Map(assets.map((asset) => [asset.key, asset]))
  const made = new Set(targets)
  for (const [key, given] of Object.entries(config) as [AssetKey, JsonObject][]) {
    const spec = known.get(key)
    if (spec === undefined) throw invalid(`${key} is not in the project`, 'See its assets with `traitline list`.')
    if (spec.kind !== 'notebook') {
      throw invalid(`${key} is a ${spec.kind}, which has no parameters`, 'Only notebooks are given others for a run.')
    }
    if (!made.has(key)) throw invalid(`the selection leaves ${key} out`, `Select it too, or leave its parameters out.`)
    checkParameters(spec, given)
  }
}

function checkParameters(spec: NotebookSpec, given: JsonObject): void {
  for (const [name, value] of Object.entries(given)) {
    const standing = Object.hasOwn(spec.parameters, name) ? spec.parameters[name] : undefined
    if (standing === undefined) {
      const names = Object.keys(spec.parameters)
      const fix = names.length > 0 ? `It has ${names.join(', ')}.` : 'It has none: give it `parameters` in the project.'
      throw invalid(`${spec.key} has no parameter ${name}`, fix)
    }
    if (standing !== null && typeOf(value) !== typeOf(standing)) {
      throw invalid(
        `${name} of ${spec.key} is ${article(typeOf(value))}`,
        `Its definition has ${article(typeOf(standing))} there.`,
      )
    }
  }
}

function typeOf(value: JsonValue): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'list' : typeof value
}

function invalid(problem: string, hint: string): TraitlineError {
  return new TraitlineError({ code: 'RUN_CONFIG_INVALID', message: `config: ${problem}`, hint, blame: 'user' })
}

function article(type: string): string {
  return type === 'null' ? type : `${type === 'object' ? 'an' : 'a'} ${type}`
}
