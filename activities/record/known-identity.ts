/**
 * The warehouse's identity for planning. It is asked for each time, since a warehouse may be replaced; but while dbt
 * or a notebook has the lease it cannot be asked, and then, after `patienceMs`, the one known before will do. Steps
 * judge again with the real one.
 */
export function knownIdentity(ask: () => Promise<string>, patienceMs = 2_000): () => Promise<string> {
  let known: string | undefined
  return async () => {
    const asked = ask().then((identity) => (known = identity))
    if (known === undefined) return asked
    const before = known
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(before), patienceMs)
    })
    try {
      return await Promise.race([asked, patience])
    } finally {
      clearTimeout(timer)
      // If it was left behind, its failure concerns nobody.
      asked.catch(() => undefined)
    }
  }
}
