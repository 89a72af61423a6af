import { constants, createCipheriv, createDecipheriv, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const

/**
 * A text that only who has the private key can read: AES-256-GCM under a key of its own, which RSA-OAEP (SHA-256) holds.
 * JSON of base64: `key`, `iv`, `tag`, `text`.
 */
export function seal(text: string, publicKey: string): string {
  const [key, iv] = [randomBytes(32), randomBytes(12)]
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  const parts = { key: publicEncrypt({ key: publicKey, ...padding }, key), iv, tag: cipher.getAuthTag(), text: sealed }
  return JSON.stringify(
    Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.toString('base64')])),
  )
}

/** The reverse of `seal`; throws for another key. */
export function unseal(sealed: string, privateKey: KeyObject | string): string {
  const parts = JSON.parse(sealed) as Readonly<Record<'key' | 'iv' | 'tag' | 'text', string>>
  const part = (name: keyof typeof parts): Buffer => Buffer.from(parts[name], 'base64')
  const key = privateDecrypt({ key: privateKey, ...padding }, part('key'))
  const decipher = createDecipheriv('aes-256-gcm', key, part('iv'))
  decipher.setAuthTag(part('tag'))
  return Buffer.concat([decipher.update(part('text')), decipher.final()]).toString('utf8')
}
