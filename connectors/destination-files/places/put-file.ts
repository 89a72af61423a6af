import { createHash } from 'node:crypto'
import { open, readFile, stat, type FileHandle } from 'node:fs/promises'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { DestinationContext } from '../../kit/index.ts'

/** Up to this size a file is one request; beyond it, parts of this size, which the store puts together. */
const defaultPartBytes = 64 * 1024 * 1024

interface Target {
  readonly bucket: string
  readonly key: string
}

/** Makes a file an object, which is there as a whole or not at all. */
export async function putFile(
  client: S3Client,
  target: Target,
  path: string,
  context: DestinationContext,
  partBytes = defaultPartBytes,
): Promise<void> {
  const { size } = await stat(path)
  if (size <= partBytes) await putBytes(client, target, await readFile(path), context)
  else await putParts(client, target, { path, size, partBytes }, context)
}

/** The digest is one that every store checks. */
async function putBytes(
  client: S3Client,
  { bucket, key }: Target,
  body: Buffer,
  { signal }: DestinationContext,
): Promise<void> {
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentMD5: md5(body) }), {
    abortSignal: signal,
  })
}

/** The object is there when its parts are put together, and not before. */
async function putParts(
  client: S3Client,
  { bucket, key }: Target,
  { path, size, partBytes }: { readonly path: string; readonly size: number; readonly partBytes: number },
  { signal }: DestinationContext,
): Promise<void> {
  const options = { abortSignal: signal }
  const upload = { Bucket: bucket, Key: key }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(upload), options)
  const file = await open(path, 'r')
  try {
    const parts: CompletedPart[] = []
    for (let from = 0; from < size; from += partBytes) {
      const body = await slice(file, from, Math.min(partBytes, size - from))
      const part = { ...upload, UploadId, PartNumber: parts.length + 1, Body: body, ContentMD5: md5(body) }
      const { ETag } = await client.send(new UploadPartCommand(part), options)
      parts.push({ ETag, PartNumber: part.PartNumber })
    }
    await client.send(
      new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts: parts } }),
      options,
    )
  } catch (error) {
    // What is left of it would be paid for; if this fails too, the bucket's own rule removes it.
    await client.send(new AbortMultipartUploadCommand({ ...upload, UploadId })).catch(() => undefined)
    throw error
  } finally {
    await file.close()
  }
}

async function slice(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, from + filled)
    if (bytesRead === 0) throw new RangeError('the file is shorter than it was')
    filled += bytesRead
  }
  return buffer
}

function md5(body: Buffer): string {
  return createHash('md5').update(body).digest('base64')
}
