import { readFile } from 'node:fs/promises'
import { writePrivateFile } from '../../orchestrator/process/index.ts'

const replacement = '***'

/** A short text that a variable holds, such as `true`, is no secret worth a page full of stars. */
const leastLength = 6

export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= leastLength)
    .reduce((rest, secret) => rest.replaceAll(secret, replacement), text)
}

/** A cell may have printed what it was given: the notebook that is kept does not show it. */
export async function hideSecrets(path: string, secrets: readonly string[]): Promise<void> {
  if (secrets.length === 0) return
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return
  // As JSON writes them.
  const hidden = withoutSecrets(
    text,
    secrets.map((secret) => JSON.stringify(secret).slice(1, -1)),
  )
  if (hidden !== text) await writePrivateFile(path, hidden)
}
