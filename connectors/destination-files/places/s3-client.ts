import { S3Client } from '@aws-sdk/client-s3'
import type { DestinationContext } from '../../kit/index.ts'
import type { FilesConfig } from '../config.ts'

const attempts = 5

/** The vendor's client, each of its requests counted. It makes them again by itself: to put the same twice is harmless. */
export function s3Client(config: FilesConfig, { meter }: DestinationContext): S3Client {
  const { region, endpoint, path_style, access_key_id, secret_access_key, session_token, timeout_seconds } = config
  const timeout = Math.round(timeout_seconds * 1_000)
  const client = new S3Client({
    region,
    forcePathStyle: path_style,
    maxAttempts: attempts,
    requestHandler: {
      connectionTimeout: Math.min(timeout, 10_000),
      requestTimeout: timeout,
      throwOnRequestTimeout: true,
    },
    // Newer checksums are unknown to many a store.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(access_key_id === undefined || secret_access_key === undefined
      ? {}
      : {
          credentials: {
            accessKeyId: access_key_id,
            secretAccessKey: secret_access_key,
            ...(session_token === undefined ? {} : { sessionToken: session_token }),
          },
        }),
  })
  let tried: object | null = null
  client.middlewareStack.add(
    (next) => async (args) => {
      const { body } = args.request as { readonly body?: Buffer }
      if (tried === args.input) meter.retried()
      tried = args.input
      meter.request(body?.length ?? 0)
      try {
        return await next(args)
      } catch (error) {
        if (isThrottled(error)) meter.throttled()
        throw error
      }
    },
    // After what tries again, so that each try is counted.
    { step: 'finalizeRequest', priority: 'low', name: 'countRequests' },
  )
  return client
}

function isThrottled(error: unknown): boolean {
  const { name, $metadata } = error as {
    readonly name?: string
    readonly $metadata?: { readonly httpStatusCode?: number }
  }
  return name === 'SlowDown' || $metadata?.httpStatusCode === 429 || $metadata?.httpStatusCode === 503
}
