/** An address as platforms tell people apart: one `@` with something on both sides, and no space. */
function parts(address: string): { readonly user: string; readonly domain: string } | null {
  const at = address.indexOf('@')
  if (at < 1 || at === address.length - 1 || address.includes('@', at + 1) || /\s/.test(address)) return null
  return { user: address.slice(0, at), domain: address.slice(at + 1) }
}

export function lowerCaseEmail(value: string): string | null {
  const address = value.toLowerCase()
  return parts(address) === null ? null : address
}

const gmailDomains = new Set(['gmail.com', 'googlemail.com'])

/** Gmail delivers to the same box whatever dots and `+suffix` its name has. */
export function gmailAwareEmail(value: string): string | null {
  const address = value.replace(/\s+/g, '').toLowerCase()
  const found = parts(address)
  if (found === null || !gmailDomains.has(found.domain)) return found && address
  const user = found.user.replace(/\+.*$/, '').replaceAll('.', '')
  return user === '' ? null : `${user}@${found.domain}`
}
