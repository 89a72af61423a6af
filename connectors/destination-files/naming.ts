/** What the name of a file is made of. */
export interface FileIdentity {
  readonly stream: string
  /** Of a batch that its sender named; otherwise of this session. */
  readonly batch: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/**
 * The same for a batch that is sent again, so that its file is written over rather than beside: nothing of it comes
 * from the clock.
 */
export function fileName(template: string, { stream, batch, at }: FileIdentity, extension: string): string {
  const time = new Date(at).toISOString()
  const values: Readonly<Record<string, string>> = {
    stream: safe(stream),
    date: time.slice(0, 10),
    hour: time.slice(11, 13),
    run: safe(runOf(batch)),
  }
  const folder = template.replace(/\{(\w+)\}/g, (_, name: string) => values[name] as string)
  return `${folder}/${safe(batch)}.${extension}`
}

/** A batch is named by its run and its number: `run:3`. */
export function runOf(batch: string): string {
  const colon = batch.indexOf(':')
  return colon === -1 ? batch : batch.slice(0, colon)
}

/** One path segment that no two texts share: what is no plain name is written as %XX, a colon as a dot. */
function safe(text: string): string {
  const plain = encodeURIComponent(text).replace(/[!'()*~]|\./g, (char) => `%${char.charCodeAt(0).toString(16)}`)
  return plain.replaceAll('%3A', '.').replace(/^\./, '%3A')
}
