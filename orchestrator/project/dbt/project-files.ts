import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** What dbt, Python and package managers write into a project. */
const written = new Set([
  'target',
  'logs',
  '.git',
  'node_modules',
  '.venv',
  'venv',
  '__pycache__',
  'dbt_internal_packages',
])

/** Hash of every file of a dbt project, installed packages included: equal hashes parse to equal manifests. */
export async function hashProjectFiles(directory: string): Promise<string> {
  const hash = createHash('sha256')
  for (const path of await filesUnder(directory, '')) {
    const content = await readFile(join(directory, path))
    hash.update(`${path}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

async function filesUnder(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true })
  const found: string[] = []
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (!written.has(entry.name)) found.push(...(await filesUnder(root, path)))
    } else if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(join(root, path))))) {
      found.push(path)
    }
  }
  return found
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}
