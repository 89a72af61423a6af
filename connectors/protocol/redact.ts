import type { JsonData } from './messages.ts'

/** Below this length a mask would hit ordinary words everywhere, and hide nothing that can be guessed anyway. */
const minimumLength = 3
const mask = '***'

/** Values of a configuration that its spec marks with `airbyte_secret`, wherever they are nested. */
export function secretValues(schema: JsonData, config: unknown): string[] {
  const found: string[] = []
  collect(schema, config, found)
  return found
}

function collect(schema: unknown, value: unknown, found: string[]): void {
  if (!isObject(schema) || value === null || value === undefined) return
  if (schema['airbyte_secret'] === true) return leaves(value, found)
  for (const name of ['oneOf', 'anyOf', 'allOf']) {
    const variants = schema[name]
    if (Array.isArray(variants)) for (const variant of variants) collect(variant, value, found)
  }
  if (Array.isArray(value)) return value.forEach((item) => collect(schema['items'], item, found))
  const properties = schema['properties']
  if (!isObject(properties) || !isObject(value)) return
  for (const [name, inner] of Object.entries(properties)) collect(inner, value[name], found)
}

function leaves(value: unknown, found: string[]): void {
  if (typeof value === 'string') found.push(value)
  else if (typeof value === 'number') found.push(String(value))
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) leaves(inner, found)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Masks secrets in text: as they are, as JSON or a URL writes them, and the password inside a secret URL, since
 * drivers print parts of it.
 */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  const forms = new Set<string>()
  for (const secret of secrets) for (const part of [secret, ...passwordOf(secret)]) addForms(part, forms)
  // The longest first, or a secret that contains another would be left in pieces.
  const ordered = [...forms].sort((a, b) => b.length - a.length)
  return (text) => ordered.reduce((masked, form) => masked.replaceAll(form, mask), text)
}

function addForms(secret: string, forms: Set<string>): void {
  if (secret.length < minimumLength) return
  forms.add(secret)
  forms.add(JSON.stringify(secret).slice(1, -1))
  forms.add(encodeURIComponent(secret))
}

function passwordOf(secret: string): string[] {
  if (!secret.includes('://') || !URL.canParse(secret)) return []
  const { password } = new URL(secret)
  if (password === '') return []
  try {
    return [password, decodeURIComponent(password)]
  } catch {
    return [password]
  }
}
