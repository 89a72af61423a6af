import { configError, DestinationError, systemError, transientError } from '../../kit/index.ts'
import type { FilesConfig } from '../config.ts'

type Reason = readonly [make: typeof configError, fix: string]

/** By the store's own code. */
const codes: Readonly<Record<string, Reason>> = {
  NoSuchBucket: [configError, 'there is no such bucket: make it, or correct its name'],
  AccessDenied: [configError, 'the credentials may not write there: grant s3:PutObject on the bucket’s objects'],
  AllAccessDisabled: [configError, 'access to the bucket is disabled'],
  InvalidAccessKeyId: [configError, 'the store does not know access_key_id'],
  SignatureDoesNotMatch: [configError, 'secret_access_key is not that of access_key_id'],
  InvalidToken: [configError, 'session_token is not valid'],
  ExpiredToken: [configError, 'session_token has expired'],
  PermanentRedirect: [configError, 'the bucket is elsewhere: correct region, or endpoint'],
  AuthorizationHeaderMalformed: [configError, 'the bucket is in another region: correct region'],
  IllegalLocationConstraintException: [configError, 'the bucket is in another region: correct region'],
  CredentialsProviderError: [
    configError,
    'there are no credentials: give access_key_id and secret_access_key, or give the worker’s machine a role',
  ],
  RequestTimeTooSkewed: [configError, 'the clock of the worker’s machine is wrong'],
  SlowDown: [transientError, 'the store limits the rate'],
  ENOTFOUND: [configError, 'there is no host of this name: correct endpoint or region'],
  ECONNREFUSED: [transientError, 'nothing listens there'],
  ECONNRESET: [transientError, 'the connection was cut'],
  TimeoutError: [transientError, 'the store does not answer in time'],
}

/** What people are told: the store's own message may quote names and ids. */
export function s3Error(error: unknown, { bucket = '', endpoint = 'Amazon S3' }: FilesConfig): DestinationError {
  if (error instanceof DestinationError) return error
  const {
    name = '',
    code = '',
    $metadata,
  } = error as {
    readonly name?: string
    readonly code?: string
    readonly $metadata?: { readonly httpStatusCode?: number }
  }
  const status = $metadata?.httpStatusCode
  const [make, fix] = codes[name] ?? codes[code] ?? byStatus(status) ?? [systemError, 'the request failed']
  const said = [code || name, ...(status === undefined ? [] : [`HTTP ${status}`])].join(', ')
  return make(`Files cannot be put into bucket ${bucket} at ${endpoint}: ${fix} (${said}).`, error)
}

function byStatus(status: number | undefined): Reason | undefined {
  if (status === undefined) return undefined
  if (status === 403) return codes['AccessDenied']
  if (status === 301) return codes['PermanentRedirect']
  return status >= 500 || status === 429 ? [transientError, 'the store failed'] : undefined
}
