/**
 * What advertising platforms find people by, and whether each wants it as a SHA-256 or as it is. The rules themselves
 * stand in connectors/identifiers; a test holds the two against each other.
 */
export const adIdentifiers = {
  google: {
    email: 'hashed',
    phone: 'hashed',
    first_name: 'hashed',
    last_name: 'hashed',
    country: 'plain',
    postal_code: 'plain',
    external_id: 'plain',
    device_id: 'plain',
  },
  meta: {
    email: 'hashed',
    phone: 'hashed',
    first_name: 'hashed',
    last_name: 'hashed',
    first_initial: 'hashed',
    gender: 'hashed',
    birth_date: 'hashed',
    birth_year: 'hashed',
    birth_month: 'hashed',
    birth_day: 'hashed',
    city: 'hashed',
    region: 'hashed',
    postal_code: 'hashed',
    country: 'hashed',
    external_id: 'hashed',
    device_id: 'plain',
  },
  snapchat: { email: 'hashed', phone: 'hashed' },
  tiktok: { email: 'hashed', phone: 'hashed' },
} as const

export type AdPlatform = keyof typeof adIdentifiers

export type AdIdentifierKind = { [Platform in AdPlatform]: keyof (typeof adIdentifiers)[Platform] }[AdPlatform]

/** Null if the platform takes no identifier of this kind. */
export function adIdentifierForm(platform: AdPlatform, kind: AdIdentifierKind): 'hashed' | 'plain' | null {
  return (adIdentifiers[platform] as Readonly<Partial<Record<AdIdentifierKind, 'hashed' | 'plain'>>>)[kind] ?? null
}
