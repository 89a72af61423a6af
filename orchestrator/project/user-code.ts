import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createJiti } from 'jiti'
import { TraitlineError, type CodeRef } from '../contract/index.ts'
import * as traitline from '../define/index.ts'
import { hashOf } from './hash.ts'

/** `from './x.ts'`, `import './x.ts'`, `import('./x.ts')`, `require('./x.ts')`: what begins with a dot is the project's. */
const relativeImport = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"])(\.{1,2}\/[^'"\n]+)\1/g

const endings = ['', '.ts', '.mts', '.js', '.mjs', '.json', '/index.ts', '/index.js']

/**
 * Hash of a module of the project and of all files of the project that it imports, however indirectly. Null if it
 * cannot be read, or is not in the project's folder.
 */
export function hashModule(dir: string, module: string): string | null {
  const root = resolve(dir)
  const files = new Map<string, string>()
  const pending = [resolve(root, module)]
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    const name = relative(root, file)
    if (files.has(name)) continue
    if (name.startsWith('..') || isAbsolute(name)) return null
    const text = read(file)
    if (text === null) return null
    files.set(name, text)
    for (const match of text.matchAll(relativeImport)) {
      const found = endings.map((ending) => join(dirname(file), `${match[2]}${ending}`)).find(isFile)
      if (found !== undefined && !relative(root, found).startsWith('..')) pending.push(found)
    }
  }
  return hashOf([...files].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * The function that a manifest names, from the project's folder. Throws USER_CODE_CHANGED if the folder no longer holds
 * what was deployed, USER_CODE_INVALID if there is no such function.
 */
export async function loadUserFunction(dir: string, code: CodeRef): Promise<(...input: never[]) => unknown> {
  const file = resolve(dir, code.module)
  if (hashModule(dir, code.module) !== code.hash) {
    throw new TraitlineError({
      code: 'USER_CODE_CHANGED',
      message: `${code.module} is not what was deployed`,
      hint: 'Deploy the project again, or let this worker run on the folder of the revision.',
      blame: 'config',
    })
  }
  const jiti = createJiti(pathToFileURL(file).href, {
    moduleCache: false,
    fsCache: false,
    virtualModules: { traitline },
  })
  const loaded = await jiti.import<Record<string, unknown>>(file)
  const found = loaded[code.export]
  if (typeof found === 'function') return found as (...input: never[]) => unknown
  throw new TraitlineError({
    code: 'USER_CODE_INVALID',
    message: `${code.module} exports no function ${code.export}`,
    hint: `It exports ${Object.keys(loaded).join(', ') || 'nothing'}.`,
    blame: 'user',
  })
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile()
}
