import { readFile } from 'node:fs/promises'
import { hiding, writePrivateFile } from '../../orchestrator/process/index.ts'

/** A short text that a variable holds, such as `true`, is no secret worth a page full of stars. */
const leastLength = 6
/** Of a part of one, such as a line of a key. */
const leastPart = 8

/** Where lines end, and what JSON, Python and a shell write otherwise than it is: a secret may turn up in parts. */
const borders = /[\r\n\t\\"']+/

/** Made once for all that a notebook says. */
export function hidingSecrets(secrets: readonly string[]): (text: string) => string {
  return hiding(secrets.flatMap(shapesOf))
}

/** As it is, as JSON writes it, and its parts. */
function shapesOf(secret: string): string[] {
  if (secret.length < leastLength) return []
  const parts = secret.split(borders).filter((part) => part.length >= leastPart)
  return [secret, JSON.stringify(secret).slice(1, -1), ...parts]
}

/** A cell may have printed what it was given: the notebook that is kept does not show it. */
export async function hideSecrets(path: string, secrets: readonly string[]): Promise<void> {
  if (secrets.length === 0) return
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return
  const hidden = hidingSecrets(secrets)(text)
  if (hidden !== text) await writePrivateFile(path, hidden)
}
