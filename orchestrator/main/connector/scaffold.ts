import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { TraitlineError } from '../../contract/index.ts'
import { packageRoot } from '../../process/index.ts'

const example = 'destination-acme'
const folders = ['src', 'bin'] as const
const files = ['package.json', 'tsconfig.json', 'README.md'] as const

export interface Scaffold {
  readonly dir: string
  /** Of the program: `destination-` and what the folder is called. */
  readonly name: string
}

/** Writes the example destination into a new or empty folder, under the folder’s name. */
export async function writeScaffold(folder: string): Promise<Scaffold> {
  const dir = resolve(folder)
  const word = wordOf(basename(dir))
  const entries = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw cannotUse(dir, 'cannot be used')
  })
  if (entries.length > 0) throw cannotUse(dir, 'is not empty')
  const from = join(packageRoot(), 'examples', example)
  await mkdir(dir, { recursive: true })
  const rename = renamer(word)
  for (const name of files) await copy(join(from, name), join(dir, name), rename)
  await writeFile(join(dir, '.gitignore'), 'node_modules/\ndist/\nconfig.json\n')
  for (const inner of folders) {
    await mkdir(join(dir, inner))
    for (const name of await readdir(join(from, inner))) {
      await copy(join(from, inner, name), join(dir, inner, rename(name)), rename)
    }
  }
  return { dir, name: `destination-${word}` }
}

/** Keeps the file's mode: the program may be executed. */
async function copy(from: string, to: string, rename: (text: string) => string): Promise<void> {
  await cp(from, to)
  await writeFile(to, rename(await readFile(from, 'utf8')))
}

function wordOf(folder: string): string {
  const word = folder.toLowerCase().replace(/^destination-/, '')
  if (/^[a-z][a-z0-9-]*$/.test(word)) return word
  throw new TraitlineError({
    code: 'CONNECTOR_NAME_INVALID',
    message: `${folder} cannot be the name of a destination`,
    hint: 'Use lower-case letters, digits and hyphens: destination-acme.',
    blame: 'user',
  })
}

/** `acme`, `Acme` and `ACME` in all texts. */
function renamer(word: string): (text: string) => string {
  const camel = word.replace(/(^|-)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase())
  const upper = word.toUpperCase().replaceAll('-', '_')
  const identifier = camel.charAt(0).toLowerCase() + camel.slice(1)
  return (text) =>
    text
      .replaceAll(example, `destination-${word}`)
      .replaceAll(/\bacme(?=\.example)/g, word)
      .replaceAll('Acme', camel)
      .replaceAll('ACME', upper)
      .replaceAll('acme', identifier)
}

function cannotUse(dir: string, why: string): TraitlineError {
  return new TraitlineError({
    code: 'INIT_FOLDER_OCCUPIED',
    message: `${dir} ${why}`,
    hint: 'Name a folder that does not exist yet, or empty it.',
    blame: 'user',
  })
}
