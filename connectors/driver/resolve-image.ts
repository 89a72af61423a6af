import type { ConnectorCommand } from './driver.ts'
import type { ResolveOptions } from './resolve.ts'

/** An image, run by a container engine with docker's command line: docker, podman, nerdctl. */
export async function resolveImage(
  { image }: { readonly image: string },
  { env, containerEngine = 'docker' }: ResolveOptions,
): Promise<ConnectorCommand> {
  return { command: containerEngine, args: [], env, image }
}
