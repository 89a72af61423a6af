import { existsSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * Starts a destination: the compiled one, or, in a checkout whose build is missing or older than the sources, the
 * sources themselves.
 *
 * @param {string} name
 */
export async function run(name) {
  const source = new URL(`../${name}/main.ts`, import.meta.url)
  const compiled = new URL(`../../dist/connectors/${name}/main.js`, import.meta.url)
  if (!existsSync(source) || isCurrent(name, compiled)) {
    await import(compiled.href)
    return
  }
  const { createJiti } = await import('jiti')
  await createJiti(import.meta.url).import(fileURLToPath(source))
}

/** @param {string} name @param {URL} compiled */
function isCurrent(name, compiled) {
  // The compiler leaves files alone whose output is the same, but always notes that it has looked.
  const built = modified(new URL('../../dist/.tsbuildinfo', import.meta.url))
  if (built === 0 || !existsSync(compiled)) return false
  const others = readdirSync(new URL('../', import.meta.url)).filter((folder) => !folder.startsWith('destination-'))
  return [name, ...others].every((folder) => newest(new URL(`../${folder}`, import.meta.url)) <= built)
}

/** @param {URL} at A file, or a folder with all that is in it. @returns {number} */
function newest(at) {
  if (statSync(at, { throwIfNoEntry: false })?.isDirectory() !== true) return modified(at)
  return Math.max(0, ...readdirSync(at).map((entry) => newest(new URL(entry, `${at.href}/`))))
}

/** @param {URL} file */
function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
