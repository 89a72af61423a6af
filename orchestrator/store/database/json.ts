/**
 * JSON text that Postgres takes: jsonb refuses the character NUL and halves of surrogate pairs, and both turn up in
 * the output of other people's programs.
 */
export function toJson(value: unknown): string {
  const json = JSON.stringify(value)
  return /\\u(0000|d[89a-f])/.test(json)
    ? JSON.stringify(value, (_name, part: unknown) => (typeof part === 'string' ? toText(part) : part))
    : json
}

/** Text that Postgres takes. */
export function toText(text: string): string {
  return text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\uFFFD')
}
