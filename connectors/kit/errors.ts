import type { FailureType } from '../protocol/index.ts'

/**
 * Why a destination gives up. The message is shown to people: it names the thing and the fix, and holds no value of a
 * row and no secret.
 */
export class DestinationError extends Error {
  readonly failureType: FailureType

  constructor(failureType: FailureType, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DestinationError'
    this.failureType = failureType
  }
}

/** The configuration has to change first: a wrong token, a missing permission, an unknown host. */
export function configError(message: string, cause?: unknown): DestinationError {
  return new DestinationError('config_error', message, { cause })
}

/** The same may well work later: the vendor is down, the network is gone. */
export function transientError(message: string, cause?: unknown): DestinationError {
  return new DestinationError('transient_error', message, { cause })
}

/** The other side broke the protocol, or a defect of the destination's own. */
export function systemError(message: string, cause?: unknown): DestinationError {
  return new DestinationError('system_error', message, { cause })
}
