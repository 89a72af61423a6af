import { constants, createCipheriv, publicEncrypt, randomBytes } from 'node:crypto'

/**
 * A text that only who has the private key can read: AES-256-GCM under a key of its own, which RSA-OAEP (SHA-256) holds.
 * JSON of base64: `key`, `iv`, `tag`, `text`.
 */
export function seal(text: string, publicKey: string): string {
  const [key, iv] = [randomBytes(32), randomBytes(12)]
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const
  const parts = { key: publicEncrypt({ key: publicKey, ...padding }, key), iv, tag: cipher.getAuthTag(), text: sealed }
  return JSON.stringify(
    Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.toString('base64')])),
  )
}
