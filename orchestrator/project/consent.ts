import type { AssetKey, DestinationSpec, PurposeSpec } from '../contract/index.ts'
import type { Destination } from '../define/destination.ts'
import type { Sync } from '../define/sync.ts'
import { keyOf } from './collect.ts'
import type { Context } from './context.ts'

/** What only takes people away from a destination needs no consent of theirs. */
const needNoConsent: readonly string[] = ['delete', 'remove']

/** The traits that have to be true for a row of this sync to be sent, each once. */
export function consentOf(sync: Sync, context: Context): readonly AssetKey[] {
  if ([sync, ...sync.also].every(({ mode }) => needNoConsent.includes(mode))) return []
  const { entity } = sync.from
  const traits = sync.to.destination.purposes.flatMap(({ name, consent }) => {
    const own = consent.filter((trait) => trait.entity === entity)
    if (own.length === 0) {
      const reason = `${sync.to.destination.name} is used for ${name}, and no trait says whether a ${entity.name} consents to it`
      context.report(sync, reason, `Add a boolean trait of ${entity.name} to the consent of purpose ${name}`)
    }
    return own.map(keyOf)
  })
  return [...new Set(traits)]
}

export function purposesOf({ purposes }: Destination): Pick<DestinationSpec, 'purposes'> {
  const specs = purposes.map(({ name, consent }): PurposeSpec => ({ name, consent: consent.map(keyOf) }))
  return specs.length === 0 ? {} : { purposes: specs }
}
