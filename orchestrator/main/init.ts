import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { TraitlineError } from '../contract/index.ts'
import { packageRoot } from '../process/index.ts'
import { projectReadme } from './init-readme.ts'

/** What is taken from the example as it is: no data, and nothing that dbt leaves behind. */
const copied = ['dbt', 'notebooks'] as const
const leftBehind = new Set(['target', 'logs', 'dbt_packages', '.user.yml', '.ipynb_checkpoints'])

const realPurchases = "csv('data/cdnow_purchases.csv',"
const madePurchases = "csv('home:data/shop/purchases.csv',"
const realDescription = "'Every purchase at a CD shop from January 1997 to June 1998: the CDNOW data.',\n"
const madeDescription =
  "'Every purchase at a CD shop from January 1997 to June 1998. Simulated: made by the seeded generator.',\n" +
  "  tags: { data: 'simulated' },\n"

/**
 * Writes a project that is ready for `traitline dev` into a new or empty folder: the example shop, with generated
 * purchases in place of the real ones. Answers the folder's absolute path.
 */
export async function initProject(dir: string): Promise<string> {
  const target = resolve(dir)
  await refuseOccupied(target)
  const example = join(packageRoot(), 'examples/shop')
  await mkdir(target, { recursive: true })
  for (const folder of copied) {
    const filter = (path: string): boolean => !leftBehind.has(basename(path))
    await cp(join(example, folder), join(target, folder), { recursive: true, filter })
  }
  await write(target, 'traitline.ts', simulatePurchases(await readFile(join(example, 'traitline.ts'), 'utf8')))
  await write(target, 'package.json', json(await packageJson(basename(target), example)))
  await write(target, 'tsconfig.json', json(tsconfig))
  await write(target, '.gitignore', 'node_modules/\n.traitline/\n')
  await write(target, 'README.md', projectReadme)
  return target
}

async function refuseOccupied(target: string): Promise<void> {
  const entries = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw cannotUse(target, error.code === 'ENOTDIR' ? 'is a file' : 'cannot be read', error)
  })
  if (entries.length > 0) throw cannotUse(target, 'is not empty')
}

function cannotUse(target: string, why: string, cause?: unknown): TraitlineError {
  return new TraitlineError({
    code: 'INIT_FOLDER_OCCUPIED',
    message: `${target} ${why}`,
    hint: 'Name a folder that does not exist yet, or empty it.',
    blame: 'user',
    cause,
  })
}

/** Throws where the example no longer reads as expected, rather than write a project without its data. */
function simulatePurchases(text: string): string {
  const changed = text.replace(realPurchases, madePurchases).replace(realDescription, madeDescription)
  if (changed.includes(madePurchases) && changed.includes(madeDescription)) return changed
  throw new Error('the example’s source of purchases is not where init looks for it')
}

async function packageJson(folder: string, example: string): Promise<object> {
  const { version } = JSON.parse(await readFile(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }
  const shop = JSON.parse(await readFile(join(example, 'package.json'), 'utf8')) as {
    readonly scripts: object
    readonly traitline: { readonly simulated: readonly { readonly seed: number; readonly until: string }[] }
  }
  const [events] = shop.traitline.simulated
  if (events === undefined) throw new Error('the example asks for no events')
  const { seed, until } = events
  const to = 'home:data/shop/purchases.csv'
  return {
    name:
      folder
        .toLowerCase()
        .replace(/[^a-z0-9-]+/g, '-')
        .replace(/^-+|-+$/g, '') || 'shop',
    private: true,
    type: 'module',
    scripts: shop.scripts,
    dependencies: { traitline: `^${version}` },
    traitline: {
      simulated: [
        { type: 'purchases', to, customers: 23_570, seed, from: '1997-01-01', until },
        { ...events, purchases: to },
      ],
    },
  }
}

const tsconfig = {
  compilerOptions: {
    target: 'ES2022',
    lib: ['ES2023'],
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    types: [],
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['traitline.ts'],
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

async function write(target: string, name: string, text: string): Promise<void> {
  await writeFile(join(target, name), text, { flag: 'wx' })
}
