import { hash } from 'node:crypto'
import { google } from './google.ts'
import { meta } from './meta.ts'
import type { Hints, IdentifierKind, PlatformRules } from './platform.ts'
import { snapchat } from './snapchat.ts'
import { tiktok } from './tiktok.ts'

const rules = { google, meta, snapchat, tiktok } satisfies Record<string, PlatformRules>

export type Platform = keyof typeof rules

export const platforms = Object.keys(rules) as readonly Platform[]

/** A value as a platform wants it, and what was done with it. */
export interface Identifier {
  readonly value: string
  /** `already_hashed`: it came as a SHA-256 and was passed on, so nobody knows how it had been normalised. */
  readonly form: 'hashed' | 'already_hashed' | 'plain'
}

/** Whether the platform takes identifiers of this kind hashed or plain; null if it does not take them. */
export function formOf(platform: Platform, kind: IdentifierKind): 'hashed' | 'plain' | null {
  const rule = (rules[platform] as PlatformRules)[kind]
  if (rule === undefined) return null
  return rule.hash ? 'hashed' : 'plain'
}

/** A normalised value, not hashed; null if it is empty, is none of its kind, or the platform takes no such identifier. */
export function normalise(platform: Platform, kind: IdentifierKind, value: string, hints: Hints = {}): string | null {
  const trimmed = value.trim()
  return trimmed === '' ? null : ((rules[platform] as PlatformRules)[kind]?.normalise(trimmed, hints) ?? null)
}

/**
 * A value as the platform takes it: normalised by its rules, and hashed where it wants a hash. What is 64 hexadecimal
 * digits already is taken for a hash and only written in lower case.
 *
 * ```ts
 * identify('google', 'email', ' Cloudy.SanFrancisco+shopping@gmail.com ')
 * // { value: '15486a78...', form: 'hashed' }: the SHA-256 of cloudysanfrancisco@gmail.com
 * identify('meta', 'phone', '(650)555-1212', { country: 'US' })
 * ```
 */
export function identify(
  platform: Platform,
  kind: IdentifierKind,
  value: string,
  hints: Hints = {},
): Identifier | null {
  const form = formOf(platform, kind)
  if (form === 'hashed' && isSha256(value.trim())) {
    return { value: value.trim().toLowerCase(), form: 'already_hashed' }
  }
  const normal = normalise(platform, kind, value, hints)
  if (normal === null) return null
  return form === 'hashed' ? { value: sha256(normal), form } : { value: normal, form: 'plain' }
}

function isSha256(value: string): boolean {
  return /^[0-9a-f]{64}$/i.test(value)
}

/** Of the text in UTF-8, in lower-case hexadecimal. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex')
}
