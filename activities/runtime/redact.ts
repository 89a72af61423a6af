import { hiding } from '../../orchestrator/process/index.ts'

/** Names of variables whose values are nobody's to read. */
const secretName =
  /secret|token|passw(?:or)?d|passphrase|credential|api_?key|private_?key|access_?key|auth|_dsn$|^dsn$/i

/** Shorter values would take half of every log with them. */
const leastLength = 6

/**
 * Replaces secrets of an environment in texts: values of variables whose names say so, and passwords in URLs whatever
 * their name. Values of several lines, such as keys, are replaced line by line.
 *
 * @example
 * const redact = createRedactor({ API_TOKEN: 's3cr3t-value', CRM_URL: 'postgres://me:pa55word@db/crm' })
 * redact('401 for s3cr3t-value') // '401 for ***'
 */
export function createRedactor(env: Readonly<Record<string, string | undefined>>): (text: string) => string {
  const found = new Set<string>()
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue
    if (secretName.test(name)) for (const line of value.split(/\r?\n/)) found.add(line.trim())
    for (const password of passwordsIn(value)) found.add(password)
  }
  return hiding([...found].filter((secret) => secret.length >= leastLength))
}

/** As they are written, and as programs show them. */
function passwordsIn(value: string): string[] {
  const written = /^[a-z][a-z0-9+.-]*:\/\/[^/@\s:]*:([^@\s]+)@/i.exec(value)?.[1]
  if (written === undefined) return []
  try {
    return [written, decodeURIComponent(written)]
  } catch {
    return [written]
  }
}
