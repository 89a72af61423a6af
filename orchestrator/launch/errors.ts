import { NamespaceNotFoundError } from '@temporalio/common'
import { isGrpcDeadlineError, isGrpcServiceError } from '@temporalio/client'
import { isTraitlineError, TraitlineError } from '../contract/index.ts'

/** Codes of gRPC, as far as they tell people different things to do. */
const grpc = { deadlineExceeded: 4, notFound: 5, permissionDenied: 7, unauthenticated: 16 }

export interface TemporalName {
  readonly address: string
  readonly namespace: string
}

/** An error of Temporal's client as one of ours, naming the server and the fix. */
export function temporalError(error: unknown, { address, namespace }: TemporalName): TraitlineError {
  if (isTraitlineError(error)) return error
  const code = grpcCode(error)
  if (error instanceof NamespaceNotFoundError || code === grpc.notFound) {
    return new TraitlineError({
      code: 'TEMPORAL_NAMESPACE_UNKNOWN',
      message: `Temporal at ${address} has no namespace ${namespace}`,
      hint: `Create it with \`temporal operator namespace create -n ${namespace}\`, or correct TEMPORAL_NAMESPACE.`,
      blame: 'config',
    })
  }
  if (code === grpc.permissionDenied || code === grpc.unauthenticated) {
    return new TraitlineError({
      code: 'TEMPORAL_FORBIDDEN',
      message: `Temporal at ${address} refuses this client in namespace ${namespace}`,
      hint: 'Correct TEMPORAL_API_KEY, or the certificates of TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH.',
      blame: 'config',
    })
  }
  const reason = isGrpcDeadlineError(error) ? 'it does not answer' : 'no connection'
  return new TraitlineError({
    code: 'TEMPORAL_UNREACHABLE',
    message: `Temporal cannot be reached at ${address} (namespace ${namespace}): ${reason}`,
    hint: 'Start Temporal there, or set TEMPORAL_ADDRESS to where it is; without TEMPORAL_ADDRESS `traitline dev` starts its own.',
    blame: 'system',
  })
}

function grpcCode(error: unknown): number | null {
  if (isGrpcServiceError(error)) return error.code
  const cause = error instanceof Error ? error.cause : undefined
  return isGrpcServiceError(cause) ? cause.code : null
}

/** Whether a call may have been carried out although it failed. */
export function isUncertain(error: unknown): boolean {
  return !(error instanceof NamespaceNotFoundError) && grpcCode(error) !== null
}
