import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Links of Markdown pages to files or headings that are not there. Links to other sites are not followed. */
export async function brokenLinks(root: string, pages: readonly string[]): Promise<string[]> {
  const broken: string[] = []
  for (const page of pages) {
    for (const [, target = ''] of withoutCode(await readFile(join(root, page), 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?|mailto):/.test(target)) continue
      const [path = '', heading] = decodeURI(target).split('#')
      const file = path === '' ? join(root, page) : join(root, dirname(page), path)
      if (!existsSync(file)) broken.push(`${page}: ${target}`)
      else if (heading !== undefined && !(await headings(file)).has(heading)) broken.push(`${page}: ${target}`)
    }
  }
  return broken
}

async function headings(file: string): Promise<Set<string>> {
  const text = withoutCode(await readFile(file, 'utf8'))
  return new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => anchor(title)))
}

/** As code hosts make it. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '')
}
