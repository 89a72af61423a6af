import type { MappedIdentifier } from '../../../orchestrator/contract/index.ts'
import { identify } from '../../../connectors/identifiers/index.ts'
import { Unmappable, type CompileContext, type ReadValue } from './value.ts'

/** Nothing, or blank, is no identifier and no fault of the row. */
export function compileIdentifier(mapped: MappedIdentifier, { compile }: CompileContext): ReadValue {
  const { as: kind, for: platform, invalid } = mapped
  const read = compile(mapped.value)
  const countryOf = mapped.country === undefined ? () => null : compile(mapped.country)
  return (rendering) => {
    const given = read(rendering)
    if (given === null) return null
    const text = typeof given === 'object' ? JSON.stringify(given) : String(given)
    if (text.trim() === '') return null
    const country = countryOf(rendering)
    const found = identify(platform, kind, text, { country: typeof country === 'string' ? country : undefined })
    if (found === null) {
      if (invalid === 'null') return null
      const what = kind.replaceAll('_', ' ')
      throw new Unmappable('IDENTIFIER_INVALID', `is no ${what} that ${platform} could match`)
    }
    if (found.form === 'already_hashed') rendering.note('ALREADY_HASHED')
    return found.value
  }
}
