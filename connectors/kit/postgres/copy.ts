const special = /[\\\t\n\r]/
const everySpecial = /[\\\t\n\r]/g
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** A text as a field of COPY's text format. */
export function copyField(text: string): string {
  return special.test(text) ? text.replace(everySpecial, (char) => escapes[char] as string) : text
}
