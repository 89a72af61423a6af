import { createHash } from 'node:crypto'
import { chmod, chown, lstat, mkdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, parse } from 'node:path'
import { packageRoot, privateDir } from '../../process/index.ts'
import { TraitlineError } from '../../contract/index.ts'

/** Who runs PostgreSQL, which refuses to run as root, and where that user may keep its data. */
export interface ServerUser {
  readonly uid: number | undefined
  readonly gid: number | undefined
  readonly folder: string
  /** True where that user cannot enter our folders, so that data and programs are outside them. */
  readonly elsewhere: boolean
}

export async function serverUser(folder: string): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return { uid: undefined, gid: undefined, folder, elsewhere: false }

  const { uid, gid } = await unprivilegedUser()
  const elsewhere = !((await mayEnter(dirname(folder))) && (await mayEnter(packageRoot())))
  const place = elsewhere
    ? join('/var/tmp', `traitline-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`)
    : folder
  if (elsewhere) await ownDirectory(place)
  else await mkdir(place, { recursive: true })
  // The folder itself stays root's; the server's user enters it and owns what it makes there.
  await chmod(place, 0o711)
  const data = await privateDir(join(place, 'server'))
  await chown(data, uid, gid)
  return { uid, gid, folder: data, elsewhere }
}

/** `postgres` where there is one, otherwise `nobody`, which is everywhere. */
async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n')
  for (const name of ['postgres', 'nobody']) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':')
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) }
  }
  throw new TraitlineError({
    code: 'POSTGRES_NO_USER',
    message: 'PostgreSQL does not run as root, and /etc/passwd has neither a user postgres nor nobody',
    hint: 'Run Traitline as another user, or set DATABASE_URL to a server of your own.',
    blame: 'config',
  })
}

async function mayEnter(folder: string): Promise<boolean> {
  for (let path = folder; ; path = dirname(path)) {
    const { mode } = await stat(path)
    if ((mode & 0o001) === 0) return false
    if (path === parse(path).root) return true
  }
}

/** In a folder that everyone may write to, the name may be taken: by a link to somewhere else, or by another user. */
async function ownDirectory(folder: string): Promise<void> {
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const found = await lstat(folder)
  if (found.uid === 0 && found.isDirectory()) return
  throw new TraitlineError({
    code: 'POSTGRES_FOLDER_FOREIGN',
    message: `${folder} belongs to another user, or is no folder`,
    hint: 'Set TRAITLINE_HOME to a folder that every user may enter, such as one under /srv.',
    blame: 'config',
  })
}
